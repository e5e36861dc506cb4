//! The machine a figure belongs to.

use std::io::Write as _;
use std::path::Path;
use std::time::Instant;

use serde::Serialize;

use super::Figure;
use crate::exit::Failure;

/// Synced writes by which the disk is measured.
const SYNCS: u32 = 200;

/// Processor, cores and memory, as the kernel names them.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Hardware {
    processor: String,
    cores: usize,
    memory_mib: u64,
    system: String,
}

impl Hardware {
    /// Reads what the kernel says; what it does not say is `unknown`.
    pub(crate) fn read() -> Self {
        let text = |path: &str| std::fs::read_to_string(path).unwrap_or_default();
        let after = |text: &str, name: &str| {
            let line = text.lines().find(|line| line.starts_with(name))?;
            Some(line.split_once(':')?.1.trim().to_owned())
        };
        let memory = after(&text("/proc/meminfo"), "MemTotal");
        let kib = memory.and_then(|text| text.split_whitespace().next()?.parse::<u64>().ok());
        Self {
            processor: after(&text("/proc/cpuinfo"), "model name")
                .unwrap_or_else(|| "unknown processor".to_owned()),
            cores: std::thread::available_parallelism().map_or(1, usize::from),
            memory_mib: kib.unwrap_or(0) / 1024,
            system: text("/proc/sys/kernel/osrelease").trim().to_owned(),
        }
    }
}

impl std::fmt::Display for Hardware {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "{}, {} cores, {} MiB of memory, Linux {}",
            self.processor, self.cores, self.memory_mib, self.system
        )
    }
}

/// How many small writes a second the disk makes durable, one after another.
pub(crate) fn sync_rate(folder: &Path) -> Result<Figure, Failure> {
    let path = folder.join(format!("holdfast-sync-{}", std::process::id()));
    let failed = |error: std::io::Error| {
        Failure::input(format!("write {}: {error}", path.display()), "name another folder with --folder")
    };
    let measure = || -> std::io::Result<f64> {
        let mut file = std::fs::File::create(&path)?;
        let start = Instant::now();
        for _ in 0..SYNCS {
            file.write_all(&[7; 4096])?;
            file.sync_data()?;
        }
        Ok(f64::from(SYNCS) / start.elapsed().as_secs_f64())
    };
    let rate = measure().map_err(failed);
    // A file that could not be made cannot be removed either.
    let _ = std::fs::remove_file(&path);
    Ok(Figure::new("disk: writes of 4 KiB made durable", rate?, "/s").note("fdatasync, one after another"))
}
