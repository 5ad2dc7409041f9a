using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Options;
using Platform.Connectors.Contracts.Queries;
using Platform.Connectors.Domain;
using Platform.Connectors.DuckDb;
using Platform.Connectors.Sql;
using Platform.Connectors.Types;

namespace Platform.Connectors.Features.Syncs;

/// <summary>Makes the writers of datasets.</summary>
internal sealed class DatasetWriters(
    DuckDbEngine engine, WorkFolders folders, ConnectorStorage storage, IOptions<ConnectorsOptions> options)
{
    /// <summary>A writer whose files nobody else writes: the fencing number is in their names.</summary>
    public DatasetWriter Create(Guid ownerId, SyncClaim claim, StreamStart start, Func<DatasetPart, Task> keep) =>
        new(engine, folders, storage, ownerId, PrefixOf(ownerId, claim, start.Read.Name), options.Value.SyncPartMegabytes * 1024L * 1024)
        {
            IsUnsettled = start.IsUnsettled,
            Keep = keep,
        };

    /// <summary>What the paths of an attempt's files begin with.</summary>
    public static string PrefixOf(Guid ownerId, SyncClaim claim, string stream) =>
        string.Create(CultureInfo.InvariantCulture, $"{FolderOf(ownerId, claim.ConnectorId, stream)}/{claim.Id:N}-{claim.Fence}");

    /// <summary>The folder of a stream's files.</summary>
    public static string FolderOf(Guid ownerId, Guid connectorId, string stream) =>
        $"{ownerId}/{connectorId}/{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(stream)).AsSpan(0, 8))}";
}

/// <summary>A file that was written and stored.</summary>
/// <param name="File">Where it lies.</param>
/// <param name="Columns">Its columns.</param>
/// <param name="CursorValue">How far the stream was read with it, or null.</param>
internal sealed record DatasetPart(DatasetFile File, IReadOnlyList<ResultColumn> Columns, string? CursorValue);

/// <summary>
/// Turns batches of rows into Parquet files in Storage. While a worker converts one part the next is read; no more than two lie on this
/// node at a time, so the size of a stream does not matter.
/// </summary>
internal sealed class DatasetWriter(
    DuckDbEngine engine, WorkFolders folders, ConnectorStorage storage, Guid ownerId, string prefix, long partBytes)
    : IAsyncDisposable
{
    private static readonly QueryLimits CountLimits = new(MaxRows: 1, MaxBytes: 1024, TimeSpan.FromMinutes(1));
    private readonly string _folder = folders.Create(writable: false);
    private FileStream? _part;
    private RowBatch? _last;
    private string? _cursorValue;
    private int _parts;
    private Task _conversion = Task.CompletedTask;

    /// <summary>Whether rows may repeat keys, their own or those of earlier files.</summary>
    public bool IsUnsettled { get; init; }

    /// <summary>Gets each file when it is stored, in order.</summary>
    public required Func<DatasetPart, Task> Keep { get; init; }

    public async Task AddAsync(RowBatch batch, CancellationToken cancellationToken)
    {
        (_last, _cursorValue) = (batch, batch.CursorValue ?? _cursorValue);
        _part ??= CreatePart();
        await _part.WriteAsync(batch.Lines, cancellationToken);
        if (_part.Length >= partBytes)
        {
            await ClosePartAsync(cancellationToken);
        }
    }

    /// <summary>Takes a Parquet file as the dataset.</summary>
    /// <returns>How many rows it has.</returns>
    public async Task<long> AddFileAsync(FileTable table, CancellationToken cancellationToken)
    {
        var statement = SqlStatement.Parse("select count(*) from data", default);
        var count = await engine.QueryAsync(ownerId, [table with { Name = "data" }], statement, CountLimits, cancellationToken);
        var rows = count.Rows[0][0].GetInt64();
        var described = await engine.DescribeAsync(ownerId, [table], cancellationToken);
        await StoreAsync(
            0, table.Paths[0], rows, [.. described[0].Columns.Select(column => new ResultColumn(column.Name, column.Type))], null,
            cancellationToken);
        return rows;
    }

    /// <summary>Writes what is left. A table without rows is a dataset too, as long as its columns are known and it is a new one.</summary>
    public async Task CompleteAsync(bool isAnew, CancellationToken cancellationToken)
    {
        if (_part is { Length: > 0 } || (isAnew && _parts == 0 && _last?.Columns is not null))
        {
            _part ??= CreatePart();
            await ClosePartAsync(cancellationToken);
        }

        await _conversion;
    }

    public async ValueTask DisposeAsync()
    {
        // Whoever asked has been told by now; here it is only waited for.
        await _conversion.ContinueWith(_ => { }, TaskScheduler.Default);
        if (_part is not null)
        {
            await _part.DisposeAsync();
        }

        WorkFolders.Remove(_folder);
    }

    private FileStream CreatePart() =>
        new(Path.Combine(_folder, string.Create(CultureInfo.InvariantCulture, $"part-{_parts}")), FileMode.Create, FileAccess.Write);

    private async Task ClosePartAsync(CancellationToken cancellationToken)
    {
        var (number, rows, batch, cursorValue) = (_parts++, _part!.Name, _last!, _cursorValue);
        await _part.DisposeAsync();
        _part = null;
        await _conversion;
        _conversion = ConvertAsync(number, rows, batch, cursorValue, cancellationToken);
    }

    private async Task ConvertAsync(int number, string rows, RowBatch batch, string? cursorValue, CancellationToken cancellationToken)
    {
        var target = $"{rows}.parquet";
        var converted = await engine.ConvertAsync(ownerId, [rows], batch.Format, batch.Columns, target, cancellationToken);
        File.Delete(rows);
        await StoreAsync(number, target, converted.RowCount, converted.Columns, cursorValue, cancellationToken);
        File.Delete(target);
    }

    private async Task StoreAsync(
        int number, string file, long rows, IReadOnlyList<ResultColumn> columns, string? cursorValue, CancellationToken cancellationToken)
    {
        var path = string.Create(CultureInfo.InvariantCulture, $"{prefix}-{number}.parquet");
        await storage.UploadAsync(
            ConnectorStorage.Datasets, path, () => new FileStream(file, FileMode.Open, FileAccess.Read), cancellationToken);
        await Keep(new DatasetPart(new DatasetFile(path, rows, new FileInfo(file).Length, IsUnsettled), columns, cursorValue));
    }
}
