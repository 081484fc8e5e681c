//! scratch
use seatrial_contract::config::{Path, Problems};
fn main() {
    let p = std::env::args().nth(1).unwrap();
    let ov: Vec<_> = std::env::args().skip(2).map(|a| seatrial_format::Override(a)).collect();
    let mut l = match seatrial_format::load::<seatrial_format::scenario::Scenario>(p.as_ref(), &ov)
    {
        Ok(l) => l,
        Err(e) => {
            eprintln!("{}", e.render(seatrial_format::Style::default()));
            std::process::exit(2)
        }
    };
    let mut problems = Problems::default();
    let pf = l.value.policies.as_ref().and_then(|p| {
        seatrial_format::read_beside::<seatrial_policies::PolicyFile>(
            &seatrial_format::Disk,
            &p.file,
            &Path::Root,
            &mut l.sources,
            &mut problems,
        )
    });
    let goals = seatrial_sim::goals(&l.value, pf.as_ref(), &mut problems);
    eprintln!(
        "{}",
        seatrial_format::render(&problems, &l.sources, seatrial_format::Style::default())
    );
    let t = std::time::Instant::now();
    let r = seatrial_sim::World::new(&l.value, pf.as_ref(), l.value.seed)
        .run(pf.as_ref(), &seatrial_sim::Silent)
        .unwrap_or_else(|e| panic!("{e}"));
    eprintln!("{:?} events {} digest {}", t.elapsed(), r.events, r.digest());
    for m in &r.metrics {
        println!("{:40} {:?} {:?}", m.name, m.value, m.unit);
    }
    for x in &r.reasons {
        println!("{x:?}");
    }
    for n in &r.nodes {
        println!("{:.2}d {n:?}", n.at as f64 / 86400e9);
    }
    let _ = goals;
}
