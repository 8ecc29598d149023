-- As on Supabase: the schema `auth` is not ours, the reference to it is.
CREATE SCHEMA auth;
CREATE TABLE auth.users (instance integer, id uuid, PRIMARY KEY (id, instance), CONSTRAINT one UNIQUE (id));
CREATE TABLE profiles (
    user_id uuid PRIMARY KEY REFERENCES auth.users (id) ON DELETE CASCADE,
    other_instance integer, other_id uuid,
    CONSTRAINT other FOREIGN KEY (other_instance, other_id) REFERENCES auth.users (instance, id)
);
CREATE TYPE auth.level AS ENUM ('low', 'high');
ALTER TABLE profiles ADD COLUMN level auth.level DEFAULT 'low';
