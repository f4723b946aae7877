//! Nothing goes through a pager that does not go to a terminal.

use crate::support::Sandbox;

#[test]
fn a_pipe_is_never_paged() {
    let sandbox = Sandbox::indexed();
    let id = "python/gc#weak-references";
    let plain = sandbox.qdex(&["show", id]);
    assert_eq!(plain.code, Some(0));
    for options in [
        &["--paging", "always"][..],
        &["--paging", "never"],
        &["--no-pager"],
        &["--paging=auto", "--no-pager"],
    ] {
        // A pager that was started would fail, and print.
        let pager = [("QDEX_PAGER", "no-such-pager"), ("PAGER", "echo")];
        let ran = sandbox.with_env(&pager, &[options, &["show", id]].concat());
        assert_eq!(
            (ran.code, ran.stderr.as_str()),
            (Some(0), ""),
            "{options:?}"
        );
        assert_eq!(ran.stdout, plain.stdout, "{options:?}");
    }
    assert_eq!(
        sandbox.qdex(&["show", id, "--paging", "often"]).code,
        Some(2)
    );
}
