//! What a user types to name a checkpoint: a name, an id prefix, `@`, `@~2`, `@{20m}`, `SESSION@~1`.
