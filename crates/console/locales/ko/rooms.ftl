# The second factor, and what a second person has approved
second-factor-lead = 인증 앱으로 아래 코드를 스캔한 뒤 앱에 표시된 코드를 입력하세요. 이후 로그인할 때마다 코드를 확인합니다.
second-factor-there = 이미 설정되어 있습니다. 새 키의 첫 코드가 확인되면 기존 설정을 대체합니다.
second-factor-code-read = 인증 앱 카메라용 코드(아래 키와 같은 내용)
second-factor-key = 직접 입력할 키:
second-factor-now = 지금 표시된 코드
second-factor-set = 설정
second-factor-wrong = 이 키의 현재 코드가 아닙니다. 휴대전화 시각을 확인하고 다음 코드를 입력해 보세요.
done-second-factor = 2단계 인증을 설정했습니다. 다음 로그인부터 코드를 확인합니다.
own-act-approved = 승인됨: 지금 다시 실행하세요
trouble-already-running = 이미 실행 중입니다.
trouble-unknown = 더 이상 존재하지 않습니다. 페이지를 새로 고치세요.
trouble-too-many-requests = 요청이 너무 많습니다. 잠시 기다려 주세요.
trouble-invalid = 양식에 읽을 수 없는 값이 있습니다.

# Before
before-first = 영향 분석
before-none-more = 지금까지 받은 주문과 실제 물류센터·재고·운송로를 바탕으로 여러 해의 재해를 시뮬레이션합니다. 각 손실의 비용, 어디에 무엇을 둘지, 누가 대신할지를 알려 줍니다. 나흘 이상의 주문이 필요하고 1~2분 걸리며 매일 다시 계산합니다.
before-compute = 지금 계산
before-running = 새 분석을 계산하고 있습니다({ $ago } 시작). 페이지가 자동으로 새로 고쳐집니다.
before-failed = 마지막 분석이 { $ago } 실패했습니다.
before-old = 오래됨
before-made-of = { $orders ->
   *[other] 주문 { $orders }건 기준({ $from } ~ { $until }).
}
before-left-out = { $n ->
   *[other] 보관되었거나 취소된 주문 { $n }건은 제외했습니다.
}
before-csv = 모든 수치를 CSV로
before-assumed = 가정에 의존
before-assumed-means = 발생률이나 중단 시간의 출처가 없는 손실의 비율
before-carriers = 운송사 하나가 멈출 때
before-carrier-share = 주문의 { $share }가 이용
before-pairs-lead = 행과 열의 두 물류센터가 함께 3일간 닫힐 때의 손실입니다. 대각선은 한 곳만 닫힐 때입니다. 진할수록 비용이 큽니다.
before-dearest-pairs = 비용이 가장 큰 조합
before-beyond = 각각의 합보다 큰 금액
before-together = 한 사건으로 함께 닫힘
once-in = { $years }년에 한 번
thousands = { $n }천
before-curve-plot = 폐쇄 기간별 손실(비용이 큰 6개 물류센터)
before-hazards = 재해 종류별
before-hazards-lead = 모든 물류센터에서 주문에 필요한 것을 멈추게 하는 사건입니다.
before-events-year = 연간 사건 수
before-partly-assumed = 일부 가정
before-backups = 예비 물류센터
before-backups-none = 고를 후보가 없습니다. 계약된 대기 물류센터가 없습니다.
before-ways = 남는 경로
before-ways-lead = 분석 시점에 진행 중이던 주문 가운데, 상품이 있는 다른 물류센터에서 운송 방식별로 여전히 도달할 수 있는 주문 수입니다.
before-ways-none = 진행 중인 주문이 있는 물류센터가 없습니다.
before-ways-explained = 모든 폐쇄 전에 보여 주는 미리보기와 같은 방식으로 셉니다. 주문의 상품을 하나라도 가진 열린 물류센터에서 그 방식의 열린 운송로가 이어지면 도달할 수 있는 것으로 봅니다. 부하는 이 주문들에 필요한 작업량을 다른 물류센터의 7일간 남은 처리량으로 나눈 값입니다.
ways-load = 다른 물류센터의 부하
before-critical-none = 현재 주문으로는 계산할 수 없습니다.
before-no-critical = 핵심 SKU가 없습니다.
before-critical-list = { $n ->
   *[other] 상위 { $n }개
}
critical-sole = 주문이 많은데 한 물류센터에만 있음
critical-surge-before = { $hazard } 전 수요 { $factor }배, 그때 { $days }일분
critical-surge-after = { $hazard } 후 수요 { $factor }배, 그때 { $days }일분
critical-cover = 주 물류센터 없이 { $days }일분
frontier-planned = 계획
frontier-fresh = 새 연도
frontier-plot = 사전 배치 재고의 연간 비용과 폐쇄 중 지킨 약속
frontier-said = { $sites }에 { $skus }개 SKU { $units }개를 연 { $spent }에 두면, { $main }의 모든 SKU를 { $second }에 두 배로 두는 것({ $doubled })만큼 보호됩니다. 연간 절감액은 { $saving }, 묶이지 않는 자본은 { $free }입니다.
frontier-not-said = { $main }의 모든 SKU를 { $second }에 두 배로 두는 비용은 연 { $doubled }이며, 폐쇄 중 약속의 { $kept }를 지킵니다.
frontier-plan = 계획
frontier-spent = 연간 비용
frontier-skus = SKU 수
frontier-kept = 지킨 약속
frontier-fresh-kept = 새 연도에서
frontier-loss = 연간 예상 손실
frontier-worth-it = 마지막 비용이 그만큼 돌아오는 지점
frontier-doubled = 모든 SKU를 두 배로
frontier-all = 전부
gap = 격차
before-lays = 어디에 무엇을 둘지
before-lays-list = 연 { $budget }로 어디에 무엇을 둘지: { $all }개 중 { $n }개
before-lays-none = 아무것도 두지 않는 것이 가장 저렴합니다.
lay-cost = 연간 비용
lay-saves = 마지막 1개의 절감액
backups-said = { $sites } 계약: 계약하면 사건 비용이 연 { $cost }, 없으면 { $without }입니다(격차 { $gap }).
backups-none-pays = 이익이 되는 계약이 없습니다. 계약 없이 사건 비용은 연 { $cost }입니다(격차 { $gap }).
backup-contract = 연간 계약금
backup-call = 호출 1회 비용
backup-lead = 준비 기간
backup-orders = 하루 주문
backup-closed = 자체 폐쇄(연간 일수)
backup-verdict = 판단
backup-take = 계약
backup-leave = 보류
backup-saves = 연 { $money } 절감, 필요한 날의 { $share }는 함께 닫힘
done-analysing = 분석을 계산하고 있습니다. 1~2분 걸립니다.

# Statistics
stats-csv = 모든 수치를 CSV로
stats-archived = { $n ->
   *[other] 보관된 주문 { $n }건 별도
}
stats-kept-of-done = 완료 { $all }건 중 { $kept }건
stats-without = Holdfast가 없었다면
stats-without-means = { $n ->
   *[other] { $n }건은 계획이 폐쇄된 물류센터에서 옮긴 덕분에 지킴
}
stats-lost = 상실
stats-open = 미완료
stats-how = 지킴: 처음 약속한 날까지 주문 전체가 고객에게 도착. 지연: 전체가 도착했으나 더 늦음. 상실: 전체 취소. 지킴·지연·상실·진행을 더하면 각 행의 주문 수가 되고, 판매사와 월을 더하면 전체가 됩니다. 재난의 계획이 주문을 옮겼거나, 알림이 고객에게 갔거나, 소포의 행방이 불명해졌으면 그 재난이 영향을 준 주문입니다. Holdfast가 없었다면: 계획이 폐쇄된 물류센터에서 옮긴 주문은 어긴 것으로 셉니다. 훈련은 제외합니다.
stats-disasters = 재난
stats-disasters-short = 재난
stats-disasters-lead = 주문 수는 그 재난이 영향을 준 주문입니다.
stats-by-site = 물류센터별
stats-months = 주문 월별
stats-year = 연도
stats-month = 월
stats-years = 연도별 비교
stats-fate-kept = 지킴
stats-fate-late = 지연
stats-fate-lost = 상실
stats-fate-open = 진행
stats-recovery = 주문 재개까지
within-objective = 목표 { $n }시간 이내
over-objective = 목표 { $n }시간 초과
stats-notices = 알림과 답변
stats-notices-short = 알림
stats-notices-none = 아직 알림이 없습니다.
stats-answers = 고객의 답변
stats-answers-none = 아직 답변이 없습니다.
answered-wait = 기다리기로 함
answered-cancel = 취소하고 환불
answered-address = 다른 주소 제공
stats-guarded = 막은 것
stats-guarded-lead = 규칙이 거부했거나 입구에서 막은 것입니다. 거부는 이 서비스가 집계를 시작한 뒤부터 세고, 로그인은 변조가 드러나는 기록에서 읽습니다.
stats-guarded-what = 내용
stats-guarded-all = 전체
stats-guarded-month = 이번 달
guarded-short = 재고보다 많이 들어온 주문: 미배정으로 받고 이중 판매하지 않음
guarded-stock-short = 초과 판매 거부: 수량이 이미 없음
guarded-sign-in-refused = 거부한 로그인
stats-own = 우리
own-struck = { $times ->
   *[other] { $times }회, 물류센터 폐쇄 { $hours }시간
}
own-cyber = { $n ->
   *[other] 로그인 거부 { $n }건, 사이버 사고 { $attacks }건
}
own-human = { $short ->
   *[other] 재고보다 많은 주문 { $short }건, 초과 판매 거부 { $refused }건
}
own-after = { $closed ->
   *[other] 폐쇄된 적 있는 물류센터 { $closed }곳, 아직 폐쇄 { $shut }곳
}

# Tasks of an incident
room-tasks = 할 일
tasks-lead = 원장에 기록되어야 완료됩니다. 목표: 선포 후 { $n }시간 안에 주문 재개.
tasks-no-objective = 원장에 기록되어야 완료됩니다. 복구 목표 시간(설정의 before.rto_hours)이 정해지지 않아 비교하지 않습니다.
task = 할 일
task-owner = 담당
task-due = 기한
task-proof = 근거
task-done = 완료
task-next = 다음
task-open = 예정
task-spared = 해당 없음
task-left = { $n }건 남음
task-late = { $span } 지연
task-declare = 재난 선포
task-close = 피해 물류센터·운송로 폐쇄
task-plan = 계획 승인
task-flow = 주문 재개: 계획의 첫 단계 실행
task-carry-out = 계획 끝까지 실행
task-tell = 고객에게 알림
task-doubt = 행방 불명 소포 확인
task-clear = 상황 해제
task-back = 물류센터·운송로 완전 복귀
task-review = 종료 및 검토

# Counts that are made behind the page
counts-as-of = 원장 { $version }번 기록 기준 수치이며 새로 세고 있습니다.
