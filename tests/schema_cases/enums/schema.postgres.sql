-- Enums in their order, also after a value was put between others, and arrays of them.
CREATE TYPE mood AS ENUM ('sad', 'ok', 'it''s fine');
ALTER TYPE mood ADD VALUE 'happy' BEFORE 'ok';
CREATE TYPE "Big Mood" AS ENUM ('A');
CREATE TYPE nothing AS ENUM ();
CREATE TABLE people (id integer PRIMARY KEY, mood mood NOT NULL DEFAULT 'ok', moods mood[], big "Big Mood");
