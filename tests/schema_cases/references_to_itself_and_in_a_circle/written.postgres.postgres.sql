SET search_path TO "public";
CREATE TABLE "public"."nodes" (
    "id" integer NOT NULL,
    "parent_id" integer,
    CONSTRAINT "nodes_pkey" PRIMARY KEY ("id"),
    CONSTRAINT "nodes_parent_id_fkey" FOREIGN KEY ("parent_id") REFERENCES "public"."nodes" ("id")
);
CREATE TABLE "public"."members" (
    "id" integer NOT NULL,
    "team_id" integer,
    CONSTRAINT "members_pkey" PRIMARY KEY ("id")
);
CREATE TABLE "public"."teams" (
    "id" integer NOT NULL,
    "leader_id" integer NOT NULL,
    CONSTRAINT "teams_pkey" PRIMARY KEY ("id"),
    CONSTRAINT "teams_leader" FOREIGN KEY ("leader_id") REFERENCES "public"."members" ("id")
);
ALTER TABLE "public"."members" ADD CONSTRAINT "members_team_id_fkey" FOREIGN KEY ("team_id") REFERENCES "public"."teams" ("id");
