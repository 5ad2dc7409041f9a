using System.Globalization;

namespace Platform.Connectors.DuckDb;

/// <summary>
/// The database of a worker's queries: to open one takes longer than most queries. It reads the worker's own folder, where only the files
/// of the request at hand stand, and what a request does in it is undone. After a failure the next request has a new one.
/// </summary>
internal sealed class KeptDatabase(string folder, WorkerLimits limits) : IDisposable
{
    private LockedDatabase? _database;

    /// <summary>Reads the arguments of a worker: its folder, the memory in megabytes, the threads.</summary>
    public static KeptDatabase Of(string[] arguments) =>
        arguments is [var folder, var memory, var threads]
            ? new KeptDatabase(folder, new WorkerLimits(Number(memory), Number(threads), 0, 0, 0))
            : throw new ArgumentException("A worker is given its folder, the memory in megabytes and the threads of a query.");

    /// <summary>Opens it, and with the first one the native library, ahead of the first request.</summary>
    public LockedDatabase Open() => _database ??= LockedDatabase.Open(folder, limits);

    /// <summary>Whether it may do the request: over the worker's own folder, in which nothing is written, within the same limits.</summary>
    public bool Sees(WorkerRequest request) =>
        request.Folder.StartsWith($"{folder}/", StringComparison.Ordinal)
        && (request.Limits.MemoryMegabytes, request.Limits.Threads) == (limits.MemoryMegabytes, limits.Threads);

    /// <summary>Works in it, and undoes what was made there.</summary>
    public T Run<T>(Func<LockedDatabase, T> work)
    {
        var database = Open();
        try
        {
            database.Execute("begin transaction");
            var result = work(database);
            database.Execute("rollback");
            return result;
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    public void Dispose()
    {
        _database?.Dispose();
        _database = null;
    }

    private static int Number(string text) => int.Parse(text, CultureInfo.InvariantCulture);
}
