//! The program: everything it can do stands in `cli`.

/// It gives back what a peak has taken, which the system's allocator, an arena for each thread, does not.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> std::process::ExitCode {
    lianxi::cli::run()
}
