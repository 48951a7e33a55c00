-- Forgets all of user_levels, before it is built from scratch.
DELETE FROM user_levels;
