//! tmp
fn main() {
    let kind = std::env::args().nth(1).unwrap();
    let n: usize = std::env::args().nth(2).unwrap().parse().unwrap();
    let text = match kind.as_str() {
        "and" => format!("True{}", " && True".repeat(n)),
        "app" => format!("f{}", " f".repeat(n)),
        "lam" => format!("{}x", "\\(x : Text) -> ".repeat(n)),
        "if" => format!("{}True", "if True then True else ".repeat(n)),
        "dot" => format!("x{}", ".a".repeat(n)),
        "let" => format!("{}x", "let x = True ".repeat(n)) + " in x",
        "par" => format!("{}True{}", "(".repeat(n), ")".repeat(n)),
        "rec" => format!("{}True{}", "{a=".repeat(n), "}".repeat(n)),
        _ => panic!(),
    };
    let start = std::time::Instant::now();
    let r = bad_input::targets::check_dhall(&text);
    println!(
        "{kind} {n} {} bytes {:?} {:?}",
        text.len(),
        start.elapsed(),
        r.map_err(|e| e.join(";").chars().take(100).collect::<String>())
    );
}
