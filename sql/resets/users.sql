-- Forgets all of users, before it is built from scratch.
DELETE FROM users;
