-- not expressed:
-- column `profiles.other_instance`: SQLite does not enforce `integer`: its integers have 64 bits
-- foreign key `profiles.other`: it refers to `auth.users`, which is not written
-- foreign key `profiles.profiles_user_id_fkey`: it refers to `auth.users`, which is not written

CREATE TABLE "profiles" (
    "user_id" UUID NOT NULL,
    "other_instance" INTEGER,
    "other_id" UUID,
    "level" TEXT DEFAULT 'low',
    CONSTRAINT "profiles_pkey" PRIMARY KEY ("user_id")
);
