CREATE TABLE countries (code TEXT NOT NULL PRIMARY KEY, name TEXT NOT NULL);
CREATE TABLE users (
    id INTEGER PRIMARY KEY,
    email TEXT NOT NULL UNIQUE,
    country TEXT NOT NULL REFERENCES countries
);
CREATE TABLE projects (
    id INTEGER PRIMARY KEY,
    user_id INTEGER NOT NULL REFERENCES users,
    slug TEXT NOT NULL,
    public_id TEXT NOT NULL DEFAULT (lower(hex(randomblob(16)))) UNIQUE,
    "Type" VARCHAR(20),
    UNIQUE (user_id, slug)
);
CREATE TABLE tasks (
    id INTEGER PRIMARY KEY,
    project_id INTEGER NOT NULL REFERENCES projects,
    number INTEGER NOT NULL,
    parent_id INTEGER REFERENCES tasks,
    due TIMESTAMPTZ,
    price NUMERIC_TEXT,
    labels JSON_TEXT,
    UNIQUE (project_id, number)
);
CREATE TABLE tags (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);
CREATE TABLE task_tags (
    task_id INTEGER NOT NULL REFERENCES tasks,
    tag_id INTEGER NOT NULL REFERENCES tags,
    PRIMARY KEY (task_id, tag_id)
);
CREATE TABLE reviews (
    id INTEGER PRIMARY KEY,
    author_id INTEGER NOT NULL REFERENCES users,
    text TEXT NOT NULL
);
CREATE TABLE visits (id INTEGER PRIMARY KEY, user_id INTEGER, at TEXT NOT NULL);
CREATE TABLE lines (line TEXT);
