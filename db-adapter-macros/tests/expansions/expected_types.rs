Author, a::Book
