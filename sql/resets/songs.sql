-- Forgets all of songs, before it is built from scratch.
DELETE FROM songs;
