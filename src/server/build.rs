//! Has the crate built again when a file joins the folders that are embedded in it.

fn main() {
    println!("cargo:rerun-if-changed=../../migrations");
    println!("cargo:rerun-if-changed=../../web/app");
}
