-- Forgets the plays of the log months :first_month to :last_month, before they are built from scratch.
DELETE FROM songplays
WHERE log_month BETWEEN :first_month AND :last_month;
