//! Many runs: replications on all cores.
