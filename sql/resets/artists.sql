-- Forgets all of artists, before it is built from scratch.
DELETE FROM artists;
