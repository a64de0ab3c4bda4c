//! What the steps ask of the world, in words of the domain.
//! `find_*` returns an `Option`, `ensure_*` is idempotent, `start_*` begins asynchronous work.
