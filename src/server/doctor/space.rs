//! The data folder: room for what the server keeps in it.

use std::path::Path;

use rustix::fs::{StatVfsMountFlags, statvfs};

use super::Finding;

const NAME: &str = "data_folder";
const MIB: u64 = 1024 * 1024;

/// Below this the next busy minute may fill the disk: a dozen voice clips of the largest size, and the log of writes beside the database.
const LEAST: u64 = 100 * MIB;
/// Below this a week of voice messages may.
const FEW: u64 = 1024 * MIB;
const _: () = assert!(LEAST >= 12 * crate::clips::MAX_BYTES as u64);

pub(super) fn data_folder(folder: &Path) -> Finding {
    // It is made at first start, in the one above it that is there.
    let standing = folder.ancestors().find(|folder| folder.exists()).unwrap_or(Path::new("."));
    let shown = folder.display();
    let choose = "make room, or choose another folder with --data-dir";
    let disk = match statvfs(standing) {
        Err(error) => return Finding::failure(NAME, format!("the free space of {shown} cannot be told ({error})"), choose),
        Ok(disk) if disk.f_flag.contains(StatVfsMountFlags::RDONLY) => {
            let cure = "mount it to be written, or choose another folder with --data-dir";
            return Finding::failure(NAME, format!("{shown} is on a file system that cannot be written"), cure);
        }
        Ok(disk) => disk,
    };
    let free = disk.f_bavail.saturating_mul(disk.f_frsize);
    let said = format!("{} MiB are free in {shown}", free / MIB);
    match free {
        ..LEAST => Finding::failure(NAME, said, choose),
        LEAST..FEW => Finding::warning(NAME, said, choose),
        FEW.. => Finding::ok(NAME, said),
    }
}
