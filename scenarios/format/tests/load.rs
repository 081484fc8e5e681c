//! Loading as a whole: what users see of good files and of broken ones.

mod sample;

use sample::{Distribution, GOOD, Miniature};
use seatrial_contract::config::{Element, Path};
use seatrial_contract::units::Span;
use seatrial_format::{Failure, InMemory, Loaded, Override, Style, load_from, read_text};

fn load(files: &InMemory, overrides: &[&str]) -> Result<Loaded<Miniature>, Failure> {
    let overrides: Vec<Override> = overrides.iter().map(|text| Override::from(*text)).collect();
    load_from(files, "s/week.toml".as_ref(), &overrides)
}

fn shown<T: std::fmt::Debug>(result: Result<Loaded<T>, Failure>) -> String {
    result.unwrap_err().render(Style::default())
}

fn week(text: &str) -> InMemory {
    InMemory::default().with("s/week.toml", text).with("s/base.toml", GOOD)
}

#[test]
fn a_good_file_becomes_a_value() {
    let loaded = read_text::<Miniature>("week.toml", GOOD).unwrap();
    assert_eq!(loaded.value.duration, Span::days(7));
    assert_eq!(loaded.value.pools[1].count, 1);
    assert!(matches!(loaded.value.arrivals, Distribution::Poisson(_)));
    let windows = read_text::<Miniature>("week.toml", &GOOD.replace('\n', "\r\n")).unwrap();
    assert_eq!(windows.value.write(), loaded.value.write());
    let marked = read_text::<Miniature>("week.toml", &format!("\u{feff}{GOOD}")).unwrap();
    assert_eq!(marked.value.write(), loaded.value.write());
}

#[test]
fn what_is_written_back_reads_the_same() {
    let value = read_text::<Miniature>("week.toml", GOOD).unwrap().value;
    let mut problems = Default::default();
    let again = Miniature::read(&value.write().nowhere(), &Path::Root, &mut problems);
    assert_eq!(again.map(|again| again.write()), Some(value.write()), "{problems:?}");
}

#[test]
fn all_problems_are_shown_at_once() {
    let text = r#"duration = 7 d
sed = 5

[[pools]]
name = "worker low"
count = -1
	cpu	= "8 coers"	# a tab
purchase = "spott"

[[pools]]
name = "船"
memory = 64

[tiers]
free = { tenants = "many" }

[arrivals]
kind = "poison"
"#;
    insta::assert_snapshot!(shown(load(&week(text), &["seed=x"])));
}

#[test]
fn a_file_is_laid_over_its_base() {
    let text = "extends = \"base.toml\"\nseed = 7\n[[pools]]\nname = \"worker-low\"\ncount = 9\n";
    let value = load(&week(text), &["tiers.free.tenants=3"]).unwrap().value;
    assert_eq!((value.seed, value.duration), (7, Span::days(7)));
    let counts: Vec<u32> = value.pools.iter().map(|pool| pool.count).collect();
    assert_eq!(counts, [9, 1]);
    assert_eq!(value.tiers.get("free").map(|tier| tier.tenants), Some(3));
}

#[test]
fn a_file_laid_over_itself_is_itself() {
    let twice = load(&week(&format!("extends = \"base.toml\"\n{GOOD}")), &[]).unwrap();
    let once = load(&week(GOOD), &[]).unwrap();
    assert_eq!(twice.node.value.to_string(), once.node.value.to_string());
}

#[test]
fn problems_point_into_the_file_that_caused_them() {
    let files = InMemory::default()
        .with("s/base.toml", GOOD.replace("8 cores", "8 coers"))
        .with("s/week.toml", "extends = \"base.toml\"\nduration = \"7 dd\"\n");
    let overrides =
        ["pools.worker-high.count=many", "pools.database.count=1", "tiers.free.tennants=1"];
    let text = shown(load(&files, &overrides));
    insta::assert_snapshot!(text);
}

#[test]
fn of_several_bases_each_is_laid_over_the_one_before() {
    let files = InMemory::default()
        .with("s/week.toml", "extends = [\"a.toml\", \"b.toml\"]\nd = 4\n")
        .with("s/a.toml", "extends = \"c.toml\"\na = 1\nb = 1\nd = 1\n")
        .with("s/b.toml", "extends = \"c.toml\"\nb = 2\n")
        .with("s/c.toml", "a = 0\nb = 0\nc = 3\n");
    let loaded = seatrial_format::load_tree(&files, "s/week.toml".as_ref(), &[]).unwrap();
    // b's own base is part of it, and so lies over a: `a` is c's again.
    assert_eq!(loaded.node.value.to_string(), r#"{"a":0,"b":2,"c":3,"d":4}"#);
    let files = files.with("s/c.toml", "extends = [\"b.toml\"]\n");
    let text = shown(load(&files, &[]));
    assert!(
        text.contains("these files extend one another: `s/a.toml`") || text.contains("`s/b.toml`"),
        "{text}"
    );
}

#[test]
fn circles_are_shown_as_a_whole() {
    let files = InMemory::default()
        .with("s/week.toml", "extends = \"a.toml\"\n")
        .with("s/a.toml", "extends = \"b.toml\"\n")
        .with("s/b.toml", "# once more\nextends = \"a.toml\"\n");
    let text = shown(load(&files, &[]));
    let expected = "\
E001 extends: these files extend one another: `s/a.toml` → `s/b.toml` → `s/a.toml`
   --> s/b.toml:2:11
    |
  2 | extends = \"a.toml\"
    |           ^^^^^^^^
    help: remove one of these `extends`

1 problem
";
    assert_eq!(text, expected);
}

#[test]
fn chains_of_bases_end_somewhere() {
    let mut files = InMemory::default().with("s/week.toml", "extends = \"1.toml\"\n");
    for link in 1..50 {
        let text = format!("extends = \"{}.toml\"\n", link + 1);
        files = files.with(format!("s/{link}.toml"), text);
    }
    assert!(shown(load(&files, &[])).contains("more than 16 files extend one another"));
}

#[test]
fn a_missing_base_is_shown_where_it_is_named() {
    let text = shown(load(&week("extends = \"bse.toml\"\n"), &[]));
    assert!(text.starts_with("E001 extends: there is no file `s/bse.toml`\n"), "{text}");
    assert!(text.contains("week.toml:1:11") && text.contains("did you mean `s/base.toml`?"));
    let text = shown(load(&week("extends = 5\n"), &[]));
    assert!(text.starts_with("E001 extends: `extends` is a whole number, not a path"), "{text}");
}

#[test]
fn a_missing_file_names_its_neighbour() {
    let result = load_from::<Miniature>(&week(GOOD), "s/weak.toml".as_ref(), &[]);
    let expected = "\
E001 there is no file `s/weak.toml`
    help: did you mean `s/week.toml`?

1 problem
";
    assert_eq!(shown(result), expected);
}

#[test]
fn a_value_that_is_no_toml_is_told_once() {
    // Without quotes it is also no span of time, but that is the same mistake.
    let text = GOOD.replace("\"7 d\"", "7 days").replace("count = 5", "count = five");
    let text = shown(load(&week(&text), &[]));
    assert!(text.contains("`7 days` is not in quotes") && text.contains("`five` is not in quotes"));
    assert!(text.ends_with("2 problems\n"), "{text}");
}

#[test]
fn a_check_can_add_problems_later() {
    let loaded = read_text::<Miniature>("week.toml", GOOD).unwrap();
    let result = loaded.check(|value, _, problems| {
        problems.add(&Path::Key(&Path::Root, "pools"), Default::default(), "too few", "add one");
        Some(value)
    });
    assert!(shown(result).starts_with("E001 pools: too few\n   --> week.toml\n"));
}

#[test]
fn a_list_that_is_not_there_has_no_entries_to_change() {
    let text = GOOD.replace("[[pools]]\n", "[[pool]]\n");
    let text = shown(load(&week(&text), &["pools.worker-low.count=1"]));
    assert!(text.contains("pools: `pools` has no entries that could be changed"), "{text}");
    assert!(text.contains("help: add a table `[[pools]]` for each, with name, cpu"), "{text}");
}

#[test]
fn files_on_disk_find_their_base_and_their_circles() {
    let folder = std::env::temp_dir().join(format!("seatrial-format-{}", std::process::id()));
    let sub = folder.join("sub");
    std::fs::create_dir_all(&sub).unwrap();
    let write = |path: &str, text: &str| std::fs::write(folder.join(path), text).unwrap();
    write("base.toml", GOOD);
    write("sub/week.toml", "extends = \"../base.toml\"\nseed = 9\n");
    write("circle.toml", "extends = \"sub/../circle.toml\"\n");
    let read = |path: &str| seatrial_format::load::<Miniature>(&folder.join(path), &[]);
    assert_eq!(read("sub/week.toml").map(|loaded| loaded.value.seed), Ok(9));
    assert!(shown(read("circle.toml")).contains("these files extend one another"));
    assert!(shown(read("bse.toml")).contains("base.toml`?"));
    assert!(shown(read("sub")).contains("is a folder, not a file"));
    assert!(shown(read("base.toml/x.toml")).contains("goes through something that is no folder"));
    std::fs::remove_dir_all(&folder).unwrap();
}

#[test]
fn absurd_files_are_answered_quickly() {
    // One line, a hundred thousand problems, and each would count the line from its start.
    let line = format!("pools = [{}]", "{ x = 1 },".repeat(60_000));
    let started = std::time::Instant::now();
    assert!(shown(load(&week(&line), &[])).contains("… and "));
    let names = "[[pools]]\nname = \"a\"\n".repeat(60_000);
    assert!(shown(load(&week(&names), &[])).contains("the name `a` is taken"));
    let keys: String = (0..100_000).map(|key| format!("duratin{key} = 1\n")).collect();
    assert!(shown(load(&week(&keys), &[])).contains("unknown key"));
    let took = started.elapsed();
    assert!(took.as_secs() < 20, "{took:?}");
}
