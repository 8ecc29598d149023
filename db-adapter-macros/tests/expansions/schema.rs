pub SCHEMA = [Book, ..other::SCHEMA]
