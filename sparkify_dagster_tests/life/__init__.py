"""The whole life of the platform on Redshift: from an object that lands in a bucket to the rows that come of it."""
