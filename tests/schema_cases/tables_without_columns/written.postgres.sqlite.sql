-- not expressed:
-- table `emptied`: it has no columns, and SQLite has no such tables
-- table `nothing`: it has no columns, and SQLite has no such tables

