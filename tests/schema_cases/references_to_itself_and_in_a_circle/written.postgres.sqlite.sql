-- not expressed:
-- column `members.id`: SQLite does not enforce `integer`: its integers have 64 bits
-- column `members.team_id`: SQLite does not enforce `integer`: its integers have 64 bits
-- column `nodes.id`: SQLite does not enforce `integer`: its integers have 64 bits
-- column `nodes.parent_id`: SQLite does not enforce `integer`: its integers have 64 bits
-- column `teams.id`: SQLite does not enforce `integer`: its integers have 64 bits
-- column `teams.leader_id`: SQLite does not enforce `integer`: its integers have 64 bits

CREATE TABLE "nodes" (
    "id" INT NOT NULL,
    "parent_id" INTEGER,
    CONSTRAINT "nodes_pkey" PRIMARY KEY ("id"),
    CONSTRAINT "nodes_parent_id_fkey" FOREIGN KEY ("parent_id") REFERENCES "nodes" ("id")
);
CREATE TABLE "members" (
    "id" INT NOT NULL,
    "team_id" INTEGER,
    CONSTRAINT "members_pkey" PRIMARY KEY ("id"),
    CONSTRAINT "members_team_id_fkey" FOREIGN KEY ("team_id") REFERENCES "teams" ("id")
);
CREATE TABLE "teams" (
    "id" INT NOT NULL,
    "leader_id" INTEGER NOT NULL,
    CONSTRAINT "teams_pkey" PRIMARY KEY ("id"),
    CONSTRAINT "teams_leader" FOREIGN KEY ("leader_id") REFERENCES "members" ("id")
);
