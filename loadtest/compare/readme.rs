//! The part of a README that a comparison writes: what is between two comments that name its scenario, and nothing else.

use std::path::Path;

use anyhow::{Context, Result};

/// Whether there is a place to write to.
pub(super) fn check(file: &Path, scenario: &str) -> Result<()> {
    parts(&read(file)?, scenario).map(drop).with_context(|| missing(file, scenario))
}

/// Writes what was measured, in place of what was measured before.
pub(super) fn write(file: &Path, scenario: &str, measured: &str) -> Result<()> {
    let text = read(file)?;
    let written = replaced(&text, scenario, measured).with_context(|| missing(file, scenario))?;
    std::fs::write(file, written).with_context(|| format!("{} cannot be written", file.display()))
}

fn read(file: &Path) -> Result<String> {
    std::fs::read_to_string(file).with_context(|| format!("{} cannot be read", file.display()))
}

fn missing(file: &Path, scenario: &str) -> String {
    let [begin, end] = marks(scenario);
    format!("{} has no lines {begin} and {end}, in this order", file.display())
}

fn marks(scenario: &str) -> [String; 2] {
    [format!("<!-- compare {scenario}: written by make bench -->"), format!("<!-- end of compare {scenario} -->")]
}

/// The text up to the first mark and from the second one on.
fn parts<'a>(text: &'a str, scenario: &str) -> Option<(&'a str, &'a str)> {
    let [begin, end] = marks(scenario);
    let inner = text.find(&begin)? + begin.len();
    let outer = inner + text[inner..].find(&end)?;
    Some((&text[..inner], &text[outer..]))
}

fn replaced(text: &str, scenario: &str, measured: &str) -> Option<String> {
    let (before, after) = parts(text, scenario)?;
    Some(format!("{before}\n{}\n{after}", measured.trim_end()))
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "# A\n<!-- compare call10: written by make bench -->\nold\n<!-- end of compare call10 -->\nlast\n";

    #[test]
    fn what_is_between_the_marks_is_replaced_and_nothing_else() {
        let once = replaced(TEXT, "call10", "| new |\n").unwrap();
        assert_eq!(once, "# A\n<!-- compare call10: written by make bench -->\n| new |\n<!-- end of compare call10 -->\nlast\n");
        assert_eq!(replaced(&once, "call10", "| new |\n").unwrap(), once);
    }

    #[test]
    fn a_file_without_its_marks_in_order_is_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("README.md");
        let [begin, end] = marks("livestream");
        for text in [TEXT.to_owned(), format!("{end}\n{begin}\n"), begin] {
            std::fs::write(&file, &text).unwrap();
            let error = check(&file, "livestream").unwrap_err().to_string();
            assert!(error.contains("has no lines") && error.contains("livestream"), "{error}");
            assert!(write(&file, "livestream", "x").is_err());
            assert_eq!(std::fs::read_to_string(&file).unwrap(), text);
        }
    }
}
