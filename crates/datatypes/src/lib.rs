//! The data types: values without keys, clients or time.
