-- not expressed:
-- table `profiles`: column `level`: it needs the schema `auth`, which is not written

SET search_path TO "public";
