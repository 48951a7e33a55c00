-- Forgets how far a table is built, for the log months :first_month to :last_month or for a table without months.
DELETE FROM table_builds
WHERE table_name = :table_name AND COALESCE(log_month, :first_month) BETWEEN :first_month AND :last_month;
