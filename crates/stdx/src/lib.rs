//! What std lacks, one topic a file. Knows nothing of Redis's keys, clients or protocol.
