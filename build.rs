//! Where the program is put in memory.

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    let target = |key: &str| std::env::var(format!("CARGO_CFG_TARGET_{key}")).unwrap_or_default();
    // A program that may stand anywhere has forty thousand addresses to be put right before it begins, on two hundred
    // pages that it then has for itself: a tenth of a search from a shell.
    if target("OS") == "linux" && target("ENV") == "gnu" && target("ARCH") == "x86_64" {
        println!("cargo:rustc-link-arg-bins=-no-pie");
    }
}
