## 한국어 안내문. 합니다체로 쓰고, 광고 문구를 넣지 않습니다. 낱말은 docs/reference/korean.md를 따릅니다.

### 제목

subject-delayed = [{ $merchant }] 배송 지연 안내 – { $range } 도착 예정 (주문번호 { $orders })
subject-date-unknown = [{ $merchant }] 배송 지연 안내 – 예정일은 확인되는 대로 안내 (주문번호 { $orders })
subject-delayed-again = [{ $merchant }] 배송 예정일 재변경 안내 – { $range } 도착 예정 (주문번호 { $orders })
subject-back-on-schedule = [{ $merchant }] 배송 정상화 안내 – { $range } 도착 예정 (주문번호 { $orders })
subject-in-transit = [{ $merchant }] 배송 중 지연 가능성 안내 (주문번호 { $orders })
subject-cancelled = [{ $merchant }] 주문 취소 및 전액 환불 안내 – { $amount } (주문번호 { $orders })
subject-refunded = [{ $merchant }] 환불 완료 안내 – { $amount } (주문번호 { $orders })
subject-declared = [{ $merchant }] 비상 상황 발령: { $place }
subject-updated = [{ $merchant }] 비상 상황 변경 안내: { $place }
subject-all-clear = [{ $merchant }] 비상 상황 해제: { $place }

heading-delayed = 배송 지연 안내
heading-date-unknown = 배송 지연 안내
heading-delayed-again = 배송 예정일 재변경 안내
heading-back-on-schedule = 배송 정상화 안내
heading-in-transit = 배송 중 지연 가능성 안내
heading-cancelled = 주문 취소 및 환불 안내
heading-refunded = 환불 완료 안내
heading-declared = 비상 상황 발령
heading-updated = 비상 상황 변경 안내
heading-all-clear = 비상 상황 해제

### 첫머리

greeting = { $name } 고객님, 안녕하십니까.
greeting-unnamed = 고객님, 안녕하십니까.

lead-delayed = 주문하신 상품의 배송이 약속드린 날짜보다 늦어지게 되어 안내해 드립니다. 불편을 드려 진심으로 사과드립니다.
lead-date-unknown = 주문하신 상품을 약속드린 날짜에 배송해 드리기 어렵게 되었으며, 새로운 예정일은 아직 확정되지 않았습니다. 불편을 드려 진심으로 사과드립니다.
lead-delayed-again = 앞서 안내해 드린 예정일에도 배송이 어려워져 다시 안내해 드립니다. 거듭 불편을 드려 대단히 죄송합니다.
lead-back-on-schedule = 주문하신 상품의 배송이 정상화되어 아래 예정일에 받아 보실 수 있습니다. 기다려 주셔서 감사합니다.
lead-in-transit = 주문하신 상품은 예정대로 출고되어 배송 중이나, 운송 구간의 사정으로 도착이 늦어질 수 있어 미리 안내해 드립니다.
lead-cancelled = 주문이 취소되었으며, 결제하신 금액은 전액 환불됩니다. 불편을 드려 진심으로 사과드립니다.
lead-refunded = 아래 주문의 결제 금액을 전액 환불해 드렸습니다.
lead-merchant-declared = 귀사의 주문에 영향을 주는 비상 상황이 발생하였습니다. 현재까지 확인된 내용과 조치 사항을 안내해 드립니다.
lead-merchant-updated = 귀사의 주문에 영향을 주는 비상 상황에 변동이 있어 안내해 드립니다.
lead-merchant-all-clear = 귀사의 주문에 영향을 주던 비상 상황이 종료되었습니다.
lead-site-declared = 귀 물류센터에 영향을 주는 비상 상황이 발생하였습니다. 아래 요청 사항을 이행하신 후 수신 확인을 부탁드립니다.
lead-site-updated = 귀 물류센터의 비상 상황에 변동이 있어 안내해 드립니다.
lead-site-all-clear = 귀 물류센터의 비상 상황이 종료되었습니다. 운영 재개 절차에 따라 주시기 바랍니다.
lead-carrier-declared = 아래 지역에 비상 상황이 발생하였습니다. 요청 사항을 이행하신 후 수신 확인을 부탁드립니다.
lead-carrier-updated = 아래 지역의 비상 상황에 변동이 있어 안내해 드립니다.
lead-carrier-all-clear = 아래 지역의 비상 상황이 종료되었습니다. 집하와 배송을 다시 시작해 주시기 바랍니다.
lead-staff-declared = 비상 상황이 발령되었습니다. 수신을 확인하고 계획에 정해진 역할을 맡아 주시기 바랍니다.
lead-staff-updated = 비상 상황에 변동이 있어 알려 드립니다.
lead-staff-all-clear = 비상 상황이 종료되었습니다. 협조해 주셔서 감사합니다.
lead-press-declared = { $merchant }의 배송에 영향을 주는 비상 상황이 발생하였음을 알려 드립니다.
lead-press-updated = { $merchant }의 배송에 영향을 주는 비상 상황의 경과를 알려 드립니다.
lead-press-all-clear = { $merchant }의 배송이 정상화되었음을 알려 드립니다.

### 지연 사유

hazard-hurricane =
    { $region ->
        [none] 태풍(허리케인)으로 인하여 출고와 운송이 중단되었습니다.
       *[other] { $region } 지역의 태풍(허리케인)으로 인하여 출고와 운송이 중단되었습니다.
    }
hazard-flood =
    { $region ->
        [none] 홍수로 인하여 출고와 운송이 중단되었습니다.
       *[other] { $region } 지역의 홍수로 인하여 출고와 운송이 중단되었습니다.
    }
hazard-wildfire =
    { $region ->
        [none] 산불로 인하여 출고와 운송이 중단되었습니다.
       *[other] { $region } 지역의 산불로 인하여 출고와 운송이 중단되었습니다.
    }
hazard-tornado =
    { $region ->
        [none] 토네이도로 인하여 출고와 운송이 중단되었습니다.
       *[other] { $region } 지역의 토네이도로 인하여 출고와 운송이 중단되었습니다.
    }
hazard-winter-storm =
    { $region ->
        [none] 폭설과 한파로 인하여 출고와 운송이 중단되었습니다.
       *[other] { $region } 지역의 폭설과 한파로 인하여 출고와 운송이 중단되었습니다.
    }
hazard-earthquake =
    { $region ->
        [none] 지진으로 인하여 출고와 운송이 중단되었습니다.
       *[other] { $region } 지역의 지진으로 인하여 출고와 운송이 중단되었습니다.
    }
hazard-power-outage =
    { $region ->
        [none] 정전으로 인하여 출고 작업이 중단되었습니다.
       *[other] { $region } 지역의 정전으로 인하여 출고 작업이 중단되었습니다.
    }
hazard-cyber-attack =
    { $region ->
        [none] 전산 시스템에 대한 외부 공격으로 인하여 출고 작업이 중단되었습니다.
       *[other] { $region } 지역 전산 시스템에 대한 외부 공격으로 인하여 출고 작업이 중단되었습니다.
    }
hazard-pandemic =
    { $region ->
        [none] 감염병 확산으로 인하여 출고 작업이 늦어지고 있습니다.
       *[other] { $region } 지역의 감염병 확산으로 인하여 출고 작업이 늦어지고 있습니다.
    }
hazard-human-error =
    { $region ->
        [none] 당사의 주문 처리 과정에서 착오가 있었습니다.
       *[other] { $region } 지역 물류센터의 주문 처리 과정에서 착오가 있었습니다.
    }
hazard-route-closed =
    { $region ->
        [none] 운송 경로가 통제되고 있습니다.
       *[other] { $region } 지역의 운송 경로가 통제되고 있습니다.
    }
hazard-carrier-down =
    { $region ->
        [none] 택배사의 운송이 중단되었습니다.
       *[other] { $region } 지역에서 택배사의 운송이 중단되었습니다.
    }
hazard-site-closed =
    { $region ->
        [none] 물류센터의 운영이 중단되었습니다.
       *[other] { $region } 지역 물류센터의 운영이 중단되었습니다.
    }
hazard-other =
    { $region ->
        [none] 예기치 못한 사정으로 인하여 출고와 운송이 중단되었습니다.
       *[other] { $region } 지역의 예기치 못한 사정으로 인하여 출고와 운송이 중단되었습니다.
    }

cause-weather = 기상 악화로 안전한 운송이 어렵습니다.
cause-road-damaged = 도로가 파손되거나 통제되고 있습니다.
cause-site-closed = 상품을 보관 중인 물류센터의 운영이 중단되었습니다.
cause-evacuated = 상품을 보관 중인 물류센터에 대피 조치가 내려졌습니다.
cause-systems-down = 물류센터의 전력 또는 전산 시스템이 작동하지 않고 있습니다.
cause-carrier-suspended = 택배사가 해당 지역의 집하와 배송을 중단하였습니다.
cause-staff-short = 근무 가능한 인원이 평소보다 부족합니다.
cause-volume = 주문량이 평소보다 크게 늘었습니다.
cause-stock-lost = 상품이 파손되거나 유실되었습니다.
cause-wrong-handling = 상품 포장 또는 배송지 기재에 착오가 있었습니다.

### 조치 내용

action-other-site = 피해 지역 밖의 다른 물류센터에서 출고하도록 변경하였습니다.
action-other-carrier = 다른 택배사 또는 다른 경로로 배송하도록 변경하였습니다.
action-faster-service = 추가 비용을 당사가 부담하여 더 빠른 배송 수단으로 변경하였습니다.
action-held-safely = 상품은 안전하게 보관 중이며, 운송이 재개되는 즉시 출고하겠습니다.
action-split-shipment = 재고가 있는 상품부터 먼저 출고하고 나머지는 이어서 보내 드리겠습니다.
action-restocking = 상품의 재입고를 진행하고 있습니다.
action-tracing = 택배사에 상품의 위치 확인을 요청하였습니다.
action-assessing = 현장 상황을 확인하고 있습니다.

### 선택

choice-wait = 변경된 예정일까지 기다리기
choice-cancel = 주문 취소(전액 환불)
choice-change-address = 배송지 변경

# 버튼 문구는 14자 이내로 씁니다.
button-wait = 기다리기
button-cancel = 취소(전액 환불)
button-change-address = 배송지 변경
button-acknowledge = 수신 확인

silence-waits = 별도로 선택하지 않으시면, 변경된 예정일에 맞추어 보내 드리겠습니다. 출고 전까지는 언제든지 취소하시고 전액 환불받으실 수 있습니다.
silence-cancels = 변경된 예정일까지 기다리실지 여부를 { $date }까지 알려 주시기 바랍니다. 그때까지 회신이 없으면 주문을 취소하고 결제하신 금액을 전액 환불해 드리겠습니다.

### 항목

label-orders = 주문번호
label-items = 주문 상품
label-reason = 지연 사유
label-done = 조치 내용
label-old-date = 기존 예정일
label-new-date = 변경된 예정일
label-choices = 선택
label-refund = 환불
label-next = 다음 안내
label-contact = 문의처
label-place = 대상
label-touched = 영향받는 주문
label-asks = 요청 사항
label-acknowledge = 수신 확인

new-date = { $range } (이 기간에 도착할 가능성 약 { $percent }%)
date-not-known = 미정(확인되는 대로 안내해 드리겠습니다)
refund-due = { $amount } – 결제하신 수단으로 { $date }까지 환불해 드립니다.
refund-done = { $amount } – 결제하신 수단으로 { $date }에 환불해 드렸습니다.
next-word = { $moment }까지 다시 안내해 드리겠습니다.
contact-mail = { $mail }
contact-phone = { $phone }
item = { $quantity ->
   *[other] { $item } { $quantity }개
}
orders-more = { $count ->
   *[other] { $first } 외 { $count }건
}
touched = { $count ->
   *[other] { $count }건
}

### 협력사 요청

ask-close-site = 작업을 중지하고 인원을 대피시킨 후 물류센터를 폐쇄해 주십시오.
ask-open-site = 물류센터 운영을 재개하고, 출고 전에 재고를 실사해 주십시오.
ask-recall-orders = 아직 출고되지 않은 주문은 작업을 중단하고, 택배사에 인계하지 말아 주십시오.
ask-take-over = 포털에 표시된 주문을 이어받아 처리해 주십시오.
ask-embargo = 별도 안내가 있을 때까지 해당 지역으로의 집하와 배송을 중단해 주십시오.
ask-new-pickup = 포털에 표시된 새로운 집하지에서 집하해 주십시오.
ask-hold-parcels = 해당 지역행 화물은 지역 밖의 마지막 터미널에 보관해 주십시오.
ask-confirm-plan = 포털에 표시된 계획을 확인하고 승인해 주십시오.
ask-pause-promises = 별도 안내가 있을 때까지 해당 지역의 도착 예정일 표시를 중단해 주십시오.
ask-report-safe = 본인과 소속 인원의 안전 여부를 알려 주십시오.
ask-take-role = 계획에 정해진 역할을 맡고, 맡았음을 알려 주십시오.

footer = 본 메시지는 주문하신 상품의 배송에 관한 안내로, 광고가 아니므로 마케팅 수신 동의 여부와 관계없이 발송됩니다.
footer-partner = 본 메시지는 { $merchant }의 업무 연속성 계획에 지정된 담당자에게 발송됩니다.

### 짧은 문자

sms-delayed = [{ $merchant }] 배송 지연 안내: 주문 { $orders }, { $range } 도착 예정. 대기/취소(전액 환불) 선택: { $link }
sms-date-unknown = [{ $merchant }] 배송 지연 안내: 주문 { $orders }, 예정일 확인 중. 대기/취소(전액 환불) 선택: { $link }
sms-delayed-again = [{ $merchant }] 배송 예정일 재변경: 주문 { $orders }, { $range } 도착 예정. 대기/취소(전액 환불) 선택: { $link }
sms-back-on-schedule = [{ $merchant }] 배송 정상화: 주문 { $orders }, { $range } 도착 예정입니다.
sms-in-transit = [{ $merchant }] 주문 { $orders } 배송이 늦어질 수 있습니다. 확인되는 대로 안내해 드리겠습니다.
sms-cancelled = [{ $merchant }] 주문 { $orders } 취소, { $amount } 전액 환불({ $date }까지).
sms-refunded = [{ $merchant }] 주문 { $orders }, { $amount } 환불이 완료되었습니다.
sms-declared = [{ $merchant }] 비상 상황 발령: { $place }. 포털에서 확인 후 수신 확인 바랍니다.
sms-updated = [{ $merchant }] 비상 상황 변경: { $place }. 포털에서 확인 바랍니다.
sms-all-clear = [{ $merchant }] 비상 상황 해제: { $place }.

### 상태 페이지

status-title = { $merchant } 배송 현황
status-all-well = 모든 주문이 정상적으로 출고되고 있습니다.
status-trouble = { $count ->
   *[other] 배송에 영향을 주는 상황이 { $count }건 있습니다.
}
status-made = 최종 갱신: { $moment }
status-current = 진행 중인 공지
status-planned-work = 예정된 작업
status-past = 지난 공지
status-touches = 영향 범위: { $places }
status-planned = 예정
status-investigating = 확인 중
status-identified = 원인 파악
status-monitoring = 경과 관찰
status-resolved = 해결
status-feed = 구독하기(Atom 피드)
status-more = 자세히 보기

### 날짜, 시각, 숫자

weekday = { $weekday ->
    [1] 월
    [2] 화
    [3] 수
    [4] 목
    [5] 금
    [6] 토
   *[7] 일
}
month = { $month }월
date-long = { $year }년 { month } { $day }일({ weekday })
date-short = { month } { $day }일({ weekday })
date-range = { $first }~{ $last }
time-minutes = { $sharp ->
    [yes] { "" }
   *[no] { " " }{ $minute }분
}
time = { $half ->
    [am] 오전 { $hour12 }시{ time-minutes }
   *[pm] 오후 { $hour12 }시{ time-minutes }
}
zone-name = { $zone ->
    [KST] 한국 시간
   *[other] { $zone } 기준
}
moment = { $date } { time }({ zone-name })
number-group = ,
number-decimal = .
percent = { $percent }%
money = { $code ->
    [KRW] { $amount }원
    [USD] { $amount }달러
    [EUR] { $amount }유로
    [GBP] { $amount }파운드
   *[other] { $amount } { $code }
}

### 고객 안내 페이지

page-title = { $merchant } 주문 안내
page-state-waiting = 주문하신 상품은 출고를 기다리고 있습니다.
page-state-preparing = 주문하신 상품을 포장하고 있습니다.
page-state-on-the-way = 주문하신 상품이 배송 중입니다.
page-state-delivered = 주문하신 상품의 배송이 완료되었습니다.
page-state-cancelled = 주문이 취소되었습니다.
page-state-ending = 주문이 취소되었습니다. 포장 중인 상품의 출고를 중단하고 있습니다.
page-state-doubt = 상품의 위치를 확인하고 있습니다.
page-expected = 도착 예정: { $range }
page-choose = 어떻게 처리해 드릴까요?
page-wait = 변경된 예정일까지 기다리기
page-wait-button = 기다리겠습니다
page-cancel = 주문 취소하기
page-cancel-hint = 결제하신 금액 전액({ $amount })을 환불해 드립니다.
page-cancel-button = 취소하고 환불받기
page-address = 배송지 변경하기
page-address-hint = { $merchant }에 하신 주문 중 아직 포장되지 않은 모든 주문에 적용됩니다.
page-address-button = 배송지 저장
page-street = 도로명 주소와 상세 주소
page-city = 시·군·구
page-postal = 우편번호
page-answer-by = { $date }까지 회신해 주시기 바랍니다. 그때까지 회신이 없으면 주문을 취소하고 전액 환불해 드립니다.
page-answered-wait = { $date }에 기다리겠다고 답해 주셨습니다. 출고 전까지는 언제든지 취소하실 수 있습니다.
page-answered-cancel = { $date }에 주문을 취소하셨습니다.
page-answered-address = { $date }에 새 배송지를 알려 주셨습니다.
page-thanks = 감사합니다. 회신 내용이 접수되었습니다.
page-refund-due = { $date }까지 전액({ $amount })을 결제하신 수단으로 환불해 드립니다.
page-refund-done = 전액({ $amount })을 결제하신 수단으로 환불해 드렸습니다.
page-too-late = 상품이 이미 포장되었거나 출고되어 처리해 드릴 수 없습니다. 문의처로 연락해 주시면 도와드리겠습니다.
page-address-unknown = 입력하신 주소로는 배송할 수 없습니다. 우편번호를 확인해 주시기 바랍니다.
page-link-title = 링크를 열 수 없습니다
page-link-expired = 유효 기간이 지난 링크입니다. 가장 최근에 받으신 안내의 링크를 이용하시거나 문의처로 연락해 주시기 바랍니다.
page-link-unknown = 링크가 올바르지 않습니다. 받으신 안내에서 링크를 다시 열어 주시기 바랍니다.
page-contact = 문의처: { $mail }

### 상황 안내 페이지의 문구

status-says-investigating = 영향을 받는 주문을 확인하고 있습니다.
status-says-identified = 영향을 받는 주문을 확인하여 다른 경로로 보내 드리고 있으며, 해당 고객님께 개별적으로 안내해 드립니다.
status-says-monitoring = 출고가 재개되어 배송 상황을 지켜보고 있습니다.
status-says-resolved = 모든 주문이 정상적으로 출고되고 있습니다.

### 상담 창구

say-on-time = 고객님의 주문({ $number })은 예정대로 진행되고 있으며, { $day }까지 받아 보실 수 있습니다.
say-late = 고객님의 주문({ $number })은 { $promised }까지 보내 드리기로 하였으나 늦어지게 되어 대단히 죄송합니다. 현재로서는 { $day }까지 도착할 예정입니다.
say-unknown = 대단히 죄송합니다. 고객님의 주문({ $number })은 현재 발송이 어려우며, 지키지 못할 날짜를 말씀드리지 않고자 합니다. 예정일이 정해지는 대로 바로 안내해 드리겠습니다.
say-tracing = 대단히 죄송합니다. 고객님의 주문({ $number }) 상품은 사고 이후 위치가 확인되지 않아 택배사와 함께 추적하고 있습니다. 확인되는 대로 바로 안내해 드리겠습니다.
say-delivered = 고객님의 주문({ $number })은 배송이 완료되었습니다.
say-cancelled = 고객님의 주문({ $number })은 취소되었습니다.
say-cancelled-refund = 고객님의 주문({ $number })은 취소되었습니다. 환불 금액은 { $amount }이며, 결제하신 수단으로 환불해 드립니다.
say-choices = 그대로 기다리셔도 되고, 지금 취소하시면 전액 환불해 드립니다. 원하시는 쪽을 말씀해 주십시오.
say-address = 아직 출고 전이므로 받으실 주소를 바꿔 드릴 수 있습니다.

### 주문 전 안내

buy-on = 지금 주문하시면 { $day }까지 받아 보실 수 있습니다.
buy-unknown = 주문은 가능하나, 현재 사정으로 배송 예정일을 안내해 드리기 어렵습니다.
buy-not-there = 입력하신 우편번호 지역으로는 배송해 드리지 않습니다.

### 협력사와 직원에게 보내는 비상 연락

call-title = 비상 연락: { $place }
call-thanks = 감사합니다. 수신 확인이 기록되었습니다.
call-over = 이미 확인되었거나 취소된 연락입니다. 더 하실 일은 없습니다.
