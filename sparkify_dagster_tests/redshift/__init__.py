"""A double of Redshift for tests, and the gate for its grammar.

The double is a server that Redshift's own driver connects to, over TCP and TLS: a front that speaks Redshift's dialect
of PostgreSQL's protocol, before a real PostgreSQL 18. SQL runs in PostgreSQL, in real transactions; the front refuses
what Redshift's grammar refuses, and does itself what PostgreSQL can't: COPY from S3, the views of loads, TRUNCATE that
commits, VARCHAR in bytes, SUPER. Start with ``double.RedshiftDouble``.

How a client is made to trust it: with the environment variable SSL_CERT_FILE set to ``RedshiftDouble.ca_file`` when it
connects. The driver adds OpenSSL's default authorities, which that variable names, to those that it brings along, and
verifies in earnest: without the variable, connecting fails.

What passes here is not proven to pass in Redshift. The double says nothing about:

- speed, slices, distribution and sort keys, encodings, the planner, WLM and its queues, concurrency scaling;
- permissions: IAM roles are checked for their form only, and whoever logs in owns the database;
- locks: PostgreSQL locks rows where Redshift locks tables, so two writers of different rows of one table don't wait
  for each other, and 1023 comes only for the same rows, or on request;
- VARCHAR comparisons, which ignore trailing blanks in Redshift and don't here; collations other than bytes;
- views of loads that lag behind: here they are up to date at once, and show rows of everybody;
- the types of results that differ: AVG of integers is BIGINT in Redshift and NUMERIC here, EXTRACT is NUMERIC here,
  a CAST to VARCHAR without length cuts at 256 in Redshift; a CAST to VARCHAR(n) counts characters here;
- the leader node: functions that only run there run on every table here, unless ``grammar`` refuses them;
- SUPER beyond JSON_TYPEOF, JSON_SERIALIZE, JSON_PARSE and casts: no navigation, comparison, ordering or grouping; that
  a string of digits casts to a number is a guess;
- QUALIFY, PIVOT, LISTAGG, TOP, MERGE … REMOVE DUPLICATES, UNLOAD, procedures, materialized views: not there;
- where COPY's reader takes up again after a record that is no JSON, and the numbers of its JSON errors: guessed;
- COPY of a file that changes or vanishes meanwhile, retries of S3, eventual loads after the client is gone.
"""
