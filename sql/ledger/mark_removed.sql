-- Notes in the ledger that the file versions in build_removed have no rows any more.
UPDATE load_files
SET removed_by = :load_id
WHERE file_id IN (SELECT r.file_id FROM build_removed AS r);
