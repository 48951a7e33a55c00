-- Forgets the moments of the plays of the log months :first_month to :last_month, before they are built from scratch.
DELETE FROM time
WHERE start_time IN (SELECT p.start_time FROM songplays AS p WHERE p.log_month BETWEEN :first_month AND :last_month);
