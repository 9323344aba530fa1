fn main() {
    // The program has no start-up code of std, but libc is linked as usual.
    println!("cargo:rustc-link-lib=c");
}
