//! The load generator: sends requests as fast as a server answers and tells how long the answers took.
#![forbid(unsafe_code)]

use std::io::{self, IsTerminal, Read, Write};
use std::process::ExitCode;

mod args;
mod batch;
mod connect;
mod load;
mod progress;
mod report;
mod worker;
mod workload;

use args::{Invocation, Options};
use load::LoadError;
use report::{Report, ServerSettings};
use workload::Workload;

fn main() -> ExitCode {
    let arguments: Vec<Vec<u8>> =
        std::env::args_os().skip(1).map(std::os::unix::ffi::OsStringExt::into_vec).collect();
    let outcome = match args::parse(&arguments) {
        Ok(Invocation::Run(options)) => run(*options),
        Ok(Invocation::Help) => show(args::HELP),
        Ok(Invocation::Version) => show(concat!("ochre-benchmark ", env!("CARGO_PKG_VERSION"), "\n")),
        Err(refusal) => {
            complain(&format!("{refusal}\n\n{}", args::HELP));
            return ExitCode::FAILURE;
        }
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            complain(&error.to_string());
            ExitCode::FAILURE
        }
    }
}

fn show(text: &str) -> Result<(), LoadError> {
    io::stdout().write_all(text.as_bytes()).map_err(LoadError::Output)
}

fn complain(text: &str) {
    // Standard error may be closed; there is nobody left to tell then.
    let _ = writeln!(io::stderr(), "{text}");
}

fn run(mut options: Options) -> Result<(), LoadError> {
    if options.reads_last_argument {
        let mut last = Vec::new();
        io::stdin().read_to_end(&mut last).map_err(LoadError::Input)?;
        options.command.push(last);
    }
    if options.only_idle {
        return load::hold_idle(&options);
    }
    let settings = ServerSettings::fetch(&options)?;
    if settings.is_none() && options.reports_in_full() {
        complain("WARNING: Could not fetch server CONFIG");
    }
    let workloads = workload::choose(&options);
    let report = Report::new(&options, settings);
    let mut output = io::stdout().lock();
    output.write_all(report.heading().as_bytes()).map_err(LoadError::Output)?;
    loop {
        for workload in &workloads {
            measure(&options, workload, &report, &mut output)?;
        }
        if !options.repeats_forever {
            return output.write_all(report.ending().as_bytes()).map_err(LoadError::Output);
        }
    }
}

fn measure(
    options: &Options,
    workload: &Workload,
    report: &Report<'_>,
    output: &mut impl Write,
) -> Result<(), LoadError> {
    let shows_progress = !options.csv && !options.json && io::stdout().is_terminal();
    let mut line = progress::Line::new(&workload.title);
    let measured = load::run(options, workload, |counted| {
        if shows_progress {
            // A terminal that is gone is found out by the report that follows.
            let _ = output.write_all(line.redraw(counted).as_bytes()).and_then(|()| output.flush());
        }
    })?;
    let text = format!("{}{}", line.erase(), report.section(workload, &measured));
    output.write_all(text.as_bytes()).and_then(|()| output.flush()).map_err(LoadError::Output)
}
