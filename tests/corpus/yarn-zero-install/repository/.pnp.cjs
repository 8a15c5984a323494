// Yarn wrote this
