CREATE TABLE "nodes" (
    "id" INTEGER,
    "parent_id" INTEGER,
    PRIMARY KEY ("id"),
    FOREIGN KEY ("parent_id") REFERENCES "nodes" ("id")
);
CREATE TABLE "members" (
    "id" INTEGER,
    "team_id" INTEGER,
    PRIMARY KEY ("id"),
    FOREIGN KEY ("team_id") REFERENCES "teams" ("id")
);
CREATE TABLE "teams" (
    "id" INTEGER,
    "leader_id" INTEGER NOT NULL,
    CONSTRAINT "teams_leader" FOREIGN KEY ("leader_id") REFERENCES "members" ("id"),
    PRIMARY KEY ("id")
);
