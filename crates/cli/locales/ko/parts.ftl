## 다섯 부분과 이번 실행의 답. 한 줄에 하나씩 쓰고, `#`로 시작하는 줄은 주석입니다.

head-parts = 다섯 부분과 이번 실행의 답
parts-explained = 재해 복구 풀필먼트의 다섯 부분, 그리고 전산 복구, 통계, 위탁 처리입니다. 모든 답은 이번 실행에서 센 것이므로 장부나 태풍, 운임을 바꾸면 함께 바뀝니다.
part-no-closure = 이번 실행에서 닫힌 센터가 없습니다.
part-lateness = 지연
part-together = 합계
part-column-share = 비율
part-column-for = 대신한 센터
part-column-by = 출고한 센터
part-column-from = 출고지
part-column-laid-at = 미리 둘 곳
part-column-a-year = 연간 비용
part-column-service = 서비스
part-column-channel = 채널
part-column-calm = 평상시의 소포
part-column-zones = 지역
part-column-count = 항목
part-column-value = 이번 실행

part-impact = 업무 영향 분석
part-impact-asks = 공급망이나 배송의 일부가 끊기면 사업에 어떤 영향이 있습니까?
part-impact-said = 사전 분석에 따르면 { $sites } 센터를 실제로 닫힌 기간만큼 잃을 때의 손실은 { $loss }이며, 늦는 주문이 { $late }건, 처리하지 못하는 주문이 { $unserved }건 늘어납니다.
part-impact-unsaid = 사전에 말할 수 있는 것이 없었습니다: { $why }.
part-impact-row-said = 사전 분석
part-impact-explained = 각 행은 아무 일도 없었을 때보다 나빠진 만큼입니다. 사전 분석은 폐쇄만 알고 주문을 하나씩 가장 싼 열린 센터로 보냅니다. 배송이 멈춘 지역과 계획은 알지 못하며, 약속한 날에서 7일을 넘겨 기다린 고객은 잃은 것으로 봅니다.

part-centres = 여러 곳의 물류센터
part-centre-first = {" "}(첫 출고 { $day })
part-centres-asks = 센터 하나가 한동안 닫히면 그동안 주문을 대신 처리할 곳이 있습니까?
part-centre-line = { $site }: 닫혀 있는 동안 나갔어야 할 주문은 { $orders }건({ $units }개)입니다. 다른 센터가 { $others }개({ $share })를 출고했습니다{ $first }. 그 센터가 앞뒤로 직접 출고한 것이 { $itself }개, 아무도 출고하지 못한 것이 { $nobody }개입니다.

part-told = 고객 안내
part-told-asks = 주문에 영향을 주는 재난과 그 원인, 그리고 조치를 고객에게 어떻게 알립니까?
part-told-about = { $merchant }, 주문 { $number }, { $when }: { $cause }
told-rerouted = 다른 센터에서 출고
told-delayed = 출고 지연
told-backordered = 지금은 보낼 수 있는 곳이 없음
told-in-doubt = 센터가 멈춘 뒤 소포의 행방이 확인되지 않음
told-on-the-way = 재난이 닥쳤을 때 이미 배송 중
told-back-on-schedule = 처음 약속한 날에 도착
told-cancelled = 취소 후 환불

part-stock = 핵심 재고
part-stock-asks = 어떤 품목이 가장 많이 주문되고 재난 때 더 팔리며, 모든 SKU를 두 배로 두지 않고 어떻게 고객을 맞습니까?
part-stock-lay = { $site } 센터에는 SKU { $skus }개가 있었고, 그중 { $elsewhere }개는 닿을 수 있는 다른 곳에도 있었으며 { $only }개는 다른 곳에 없었습니다.
part-stock-served = 닫힌 센터를 대신하여 다른 곳에서 나간 SKU는 { $all }개이며, 수량이 많은 { $shown }개는 다음과 같습니다.
part-stock-unlaid = 무엇을 어디에 둘지 말할 수 없습니다: { $why }.
part-stock-one-site = 주문을 받는 센터가 한 곳뿐이어서 두 번째 재고를 둘 곳이 없습니다.
part-stock-laid = 사전에 알 수 있던 것(모의 폐쇄 { $closures }건): { $sites } 센터에 SKU { $skus }개, { $units }개를 미리 두면 제 비용을 되찾습니다. 연간 { $spent }이 들고 { $value }이 묶입니다. { $main } 센터의 모든 SKU를 { $second } 센터에 두 배로 두면 연간 { $doubled }이 들고 { $tied }이 묶입니다.
part-stock-same = 두 배로 두는 것만큼 지키는 데는 { $units }개, 연간 { $spent }이면 됩니다.
part-stock-played = 그 재고를 미리 둔 채 같은 재난을 다시 실행하면: 지킨 약속 { $kept }건, 처리한 주문 { $served }건, 비용 변화 { $cost }.

part-routes = 새로운 운송로
part-routes-asks = 상품은 새 센터에서 고객에게 어떻게 닿으며, 재난 지역을 돌아가는 가장 싼 길은 무엇입니까?
part-routes-line = 옮겨진 주문의 소포 { $parcels }개가 다른 센터에서 나갔고, 평상시에는 쓰지 않던 경로 { $opened }개가 쓰였습니다. 옮겨진 주문의 운임은 { $now }로, 평상시라면 { $calm }입니다. { $zones }개 지역에서 배송이 멈췄고 경로 { $closed }개가 닫혔습니다.
part-routes-map = 붉은 네모는 닫힌 센터, 테두리 있는 원은 대신한 센터, 파란 곡선은 옮겨진 주문이 간 경로, 호박색 원은 배송이 멈춘 지역, 붉은 점선은 태풍의 진로입니다.
channel-parcel = 육상 택배
channel-air = 항공
channel-ferry = 해운
channel-store-hub = 매장 물류센터
channel-pick-up = 픽업 지점
channel-courier = 지역 퀵 배송
channel-zone-skip = 고객 인근 허브까지 간선 운송
channel-own-van = 자체 차량

part-it = 전산 복구
part-it-asks = 컴퓨터까지 멈추면 접수한 것 가운데 얼마를 잃고, 다시 돌기까지 얼마나 걸립니까?
part-it-same = 잃은 것이 없습니다. 이번 실행의 저널을 이 컴퓨터에서 다시 읽어 { $seconds }초에 { $entries }건을 되살렸고, 상태가 마지막 비트까지 같았습니다(체크포인트 { $compared }개 비교).
part-it-differs = 이번 실행의 저널을 다시 읽어 { $seconds }초에 { $entries }건을 되살렸으나 상태가 달랐습니다(체크포인트 { $compared }개 비교). 프로그램의 결함이니 알려 주십시오.
part-it-unread = 이번 실행의 저널을 다시 읽지 못했습니다. 프로그램의 결함이니 알려 주십시오.

part-statistics = 통계
part-statistics-asks = 재난이 무엇을 했고, 준비가 무엇을 바꾸었습니까?
part-count-hours = 센터가 닫힌 시간
part-count-touched = 닫힌 동안 그 센터가 출고했을 주문
part-count-moved = 센터·경로·날짜를 바꾼 주문
part-count-saved = 대기했을 때보다 더 지킨 약속
part-count-late = 평상시보다 더 늦은 주문
part-count-open = 평상시보다 더 배송되지 못한 주문
part-count-notices = 보낸 안내문
part-count-plans = 독립 검증기가 인정한 계획
part-statistics-more = 모든 방침의 비교와 판매사별 결과, 하한이 붙은 각 계획은 이 보고서의 나머지 부분에 있습니다.

part-carry = 위탁 물류사의 대신 처리
part-carry-asks = 센터를 잃은 판매사의 주문을, 운송사의 문제까지 포함하여 다른 곳이 맡을 수 있습니까?
part-carry-now = 이번 실행에서 다른 회사가 운영하는 센터가 닫힌 센터를 대신하여 { $units }개를 출고했습니다: { $sites }.
part-carry-none-now = 이번 실행에서 다른 회사가 운영하는 센터는 닫힌 센터를 대신하지 않았습니다.
part-carry-offer = 마지막 센터가 닫힐 때 { $sites } 센터가 소실되었다면 { $merchant }에 제시되었을 조건: { $hosts }, 첫 출고 { $first }. 미처리 주문 { $orders }건 가운데 위탁하면 { $with }건, 하지 않으면 { $without }건을 처리합니다. 비용은 한 번 { $setup }, 하루 { $daily }, 평소보다 모두 { $added } 더 듭니다.
part-carry-no-offer = 위탁 조건을 제시할 수 없었습니다: { $why }.
part-carry-more = `holdfast takeover --play`는 위탁 처리를 판매사의 정산서까지 실행합니다.

demo-offer = 이제 화면을 보십시오. 보는 동안 태풍을 틀 수 있습니다: 1분에 태풍의 몇 시간을 지나게 할까요? 그냥 Enter는 { $speed }, 천천히 둘러보려면 0.
demo-serves-florence = 보고서가 어느 태풍이든 화면에는 허리케인 플로렌스의 표본 네트워크가 나옵니다.
demo-plays = 화면에서 경보와 함께 태풍이 시작되고 제 시각에 센터가 닫힙니다. 대응은 직접 하십시오: 미리보기, 계획, 승인, 안내, 복귀.
demo-own-data = 다음은 자신의 데이터입니다: `holdfast import --book FOLDER --journal mine.db`는 파일을 읽고 열마다 무엇으로 받아들였는지 말하며, `holdfast doctor --book FOLDER`는 그것으로 무엇을 답할 수 있는지 말합니다. Ctrl-C로 이 서비스를 끝냅니다.

drill-recorded = { $path }에 증거로 기록했습니다.
part-findings = 아직 열려 있는 개선할 점
part-findings-asks = 지난 검토에서 나왔으나 아직 손대지 않은 것은 무엇입니까?
finding-number = 번호
finding-text = 개선할 점
finding-owner = 담당
finding-due = 기한
finding-from = 나온 곳

part-plan = 손에 쥐는 계획서
part-plan-asks = 팀이 내려받아 인쇄하고 나누어 볼 안내서는 어디에 있습니까?
part-plan-line = 이 네트워크의 업무 연속성 계획서를 이 보고서 옆에 썼습니다: { $sections }개 장, 담당과 시간이 있는 할 일 { $things }개, 다이제스트 { $digest }.
part-plan-open = 계획서 열기
part-plan-more = `holdfast plan`은 모의 연도의 영향 분석을 넣어 만들고, 판을 보관하며, 바뀐 점을 말합니다.
