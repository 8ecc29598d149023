-- A tree, and two tables that refer to each other.
CREATE TABLE nodes (id integer PRIMARY KEY, parent_id integer REFERENCES nodes (id));
CREATE TABLE teams (
    id integer PRIMARY KEY,
    leader_id integer NOT NULL,
    CONSTRAINT teams_leader FOREIGN KEY (leader_id) REFERENCES members (id)
);
CREATE TABLE members (id integer PRIMARY KEY, team_id integer REFERENCES teams (id));
