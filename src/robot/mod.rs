//! A lead teacher made of software, for trying things alone and for tests.
