//! Goods of the Korean book: invented, with weights and prices in the size of ordinary ones.
//!
//! Ordinary goods come singly and in packs of two and four. Categories of storm goods carry the names that the
//! declared surge uses.

use crate::demo::goods::{Catalogue, Good};

/// Merchant of the storm goods.
const STORM_MERCHANT: usize = 3;
/// Packs of ordinary goods: pieces, price in per mille of as many single ones.
const PACKS: [(u32, u32); 3] = [(1, 1000), (2, 960), (4, 920)];
/// Storm goods dearer than this are ordered one at a time, won.
const SINGLE_FROM_WON: u32 = 100_000;

/// Merchant, name, category, grams, won.
type Row = (usize, &'static str, &'static str, u32, u32);

const ORDINARY: &[Row] = &[
    (0, "두루마리 화장지 30롤", "생활용품", 5200, 18_900),
    (0, "물티슈 100매", "생활용품", 620, 1900),
    (0, "주방세제 1.2L", "생활용품", 1300, 4500),
    (0, "세탁세제 3L", "생활용품", 3200, 12_900),
    (0, "섬유유연제 2.5L", "생활용품", 2700, 7900),
    (0, "샴푸 680ml", "생활용품", 760, 8900),
    (0, "바디워시 900ml", "생활용품", 980, 7900),
    (0, "칫솔 8개입", "생활용품", 160, 6900),
    (0, "치약 120g 5개", "생활용품", 700, 9900),
    (0, "수건 10장", "생활용품", 1500, 15_900),
    (0, "면 이불", "침구", 2400, 39_900),
    (0, "메모리폼 베개", "침구", 1300, 19_900),
    (0, "매트리스 커버", "침구", 1800, 29_900),
    (0, "옷걸이 50개", "수납", 2100, 12_900),
    (0, "리빙박스 60L", "수납", 3400, 16_900),
    (0, "3단 선반", "수납", 6800, 34_900),
    (0, "프라이팬 28cm", "주방", 1100, 21_900),
    (0, "냄비 20cm", "주방", 1400, 26_900),
    (0, "밀폐용기 12종", "주방", 2300, 24_900),
    (0, "도마", "주방", 1200, 13_900),
    (0, "고양이 모래 10L", "반려동물", 8600, 11_900),
    (0, "강아지 사료 5kg", "반려동물", 5200, 29_900),
    (0, "배변패드 100매", "반려동물", 3600, 14_900),
    (1, "쌀 10kg", "곡물", 10_200, 31_900),
    (1, "현미 4kg", "곡물", 4100, 15_900),
    (1, "잡곡 2kg", "곡물", 2100, 12_900),
    (1, "멸치 500g", "수산", 560, 16_900),
    (1, "김 100장", "수산", 380, 18_900),
    (1, "미역 200g", "수산", 240, 7900),
    (1, "다시마 300g", "수산", 340, 8900),
    (1, "참치캔 12개", "통조림", 1900, 24_900),
    (1, "햄 통조림 9개", "통조림", 2000, 29_900),
    (1, "고추장 2kg", "장류", 2200, 15_900),
    (1, "된장 2kg", "장류", 2200, 13_900),
    (1, "간장 1.8L", "장류", 2300, 9900),
    (1, "참기름 320ml", "장류", 600, 8900),
    (1, "커피믹스 180개", "음료", 2300, 23_900),
    (1, "보리차 티백 150개", "음료", 1600, 7900),
    (1, "두유 24팩", "음료", 4900, 17_900),
    (1, "명절 과일 세트 5kg", "선물", 5600, 45_900),
    (1, "한과 세트", "선물", 2200, 32_900),
    (1, "견과 30봉", "선물", 900, 21_900),
    (2, "무선 이어폰", "음향", 120, 59_900),
    (2, "블루투스 스피커", "음향", 720, 45_900),
    (2, "USB-C 충전기", "주변기기", 160, 19_900),
    (2, "HDMI 케이블 2m", "주변기기", 140, 8900),
    (2, "무선 마우스", "주변기기", 130, 17_900),
    (2, "기계식 키보드", "주변기기", 950, 69_900),
    (2, "27인치 모니터", "영상", 6200, 219_000),
    (2, "노트북 거치대", "주변기기", 1100, 24_900),
    (2, "전기포트 1.7L", "소형가전", 1200, 29_900),
    (2, "선풍기", "소형가전", 4800, 49_900),
    (2, "에어프라이어 5L", "소형가전", 5600, 89_900),
    (2, "헤어드라이어", "소형가전", 780, 34_900),
    (2, "무선 청소기", "소형가전", 4200, 189_000),
    (2, "멀티탭 5구 3m", "소형가전", 620, 13_900),
];

const STORM: &[Row] = &[
    (3, "생수 2L 6병", "water", 12_300, 5900),
    (3, "생수 500ml 20병", "water", 10_400, 6900),
    (3, "물통 10L", "water", 520, 8900),
    (3, "컵라면 24개", "food", 2900, 21_900),
    (3, "즉석밥 24개", "food", 5600, 27_900),
    (3, "비상식량 세트 3일", "food", 2400, 39_900),
    (3, "AA 건전지 40개", "batteries", 980, 15_900),
    (3, "D 건전지 6개", "batteries", 860, 11_900),
    (3, "LED 손전등", "light", 240, 12_900),
    (3, "LED 랜턴", "light", 560, 24_900),
    (3, "보조배터리 20000mAh", "power", 420, 32_900),
    (3, "휴대용 라디오", "power", 380, 28_900),
    (3, "소형 발전기 2kW", "power", 22_000, 690_000),
    (3, "부탄가스 4개", "fuel", 1400, 6900),
    (3, "휴대용 가스버너", "fuel", 1900, 27_900),
    (3, "방수포 5x7m", "covers", 3100, 29_900),
    (3, "창문 보강 테이프", "covers", 450, 6900),
    (3, "모래주머니 20장", "covers", 1600, 14_900),
    (3, "물막이판", "covers", 9800, 89_900),
    (3, "수중 양수기", "pumps", 7200, 129_000),
    (3, "배수 호스 20m", "pumps", 3600, 24_900),
    (3, "고무장갑과 장화", "clean-up", 2100, 19_900),
    (3, "제습기 20L", "clean-up", 15_600, 329_000),
    (3, "대형 쓰레기봉투 50매", "clean-up", 2600, 16_900),
    (3, "구급함", "medical", 1200, 24_900),
    (3, "인슐린 보냉 파우치", "medical", 150, 29_900),
];

/// Ordinary goods in three packs each, then the storm goods.
pub(super) fn catalogue() -> Catalogue {
    let packed = |row: &Row| PACKS.map(|pack| good(row, pack));
    let mut goods: Vec<Good> = ORDINARY.iter().flat_map(packed).collect();
    let ordinary = goods.len();
    goods.extend(STORM.iter().map(|row| good(row, PACKS[0])));
    let letters = ["H", "B", "N", "D"];
    for (at, good) in goods.iter_mut().enumerate() {
        good.code = format!("{}-{:04}", letters[good.merchant], at + 1);
    }
    Catalogue::of(goods, ordinary, STORM_MERCHANT)
}

fn good(row: &Row, (pieces, per_mille): (u32, u32)) -> Good {
    let (merchant, name, category, weight_g, won) = *row;
    let packed = if pieces == 1 { name.to_owned() } else { format!("{name} x {pieces}") };
    // To the nearest hundred won, as prices are.
    let price = (won * pieces * per_mille / 1000 + 50) / 100 * 100;
    Good {
        merchant,
        code: String::new(),
        name: packed,
        category: category.to_owned(),
        weight_g: weight_g * pieces,
        price,
        single: merchant == STORM_MERCHANT && price > SINGLE_FROM_WON,
        pack: pieces,
        flammable: name.starts_with("부탄가스"),
        vital: name.starts_with("인슐린"),
    }
}
