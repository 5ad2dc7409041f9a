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
    public DatasetWriter Create(Guid ownerId, SyncClaim claim, string stream)
    {
        var name = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(stream)).AsSpan(0, 8));
        var prefix = string.Create(CultureInfo.InvariantCulture, $"{ownerId}/{claim.ConnectorId}/{name}/{claim.Id:N}-{claim.Fence}");
        return new DatasetWriter(engine, folders, storage, ownerId, prefix, options.Value.SyncPartMegabytes * 1024L * 1024);
    }
}

/// <summary>
/// Turns batches of lines into Parquet files in Storage. No more than one part lies on this node at a time, so the size of a stream does
/// not matter.
/// </summary>
internal sealed class DatasetWriter(
    DuckDbEngine engine, WorkFolders folders, ConnectorStorage storage, Guid ownerId, string prefix, long partBytes)
    : IDisposable
{
    private static readonly QueryLimits CountLimits = new(MaxRows: 1, MaxBytes: 1024, TimeSpan.FromMinutes(1));
    private readonly string _folder = folders.Create(writable: false);
    private readonly List<DatasetFile> _files = [];
    private FileStream? _part;
    private IReadOnlyList<StreamColumn>? _columns;
    private IReadOnlyList<ResultColumn>? _written;
    private string? _cursorValue;

    public async Task AddAsync(RowBatch batch, CancellationToken cancellationToken)
    {
        (_columns, _cursorValue) = (batch.Columns, batch.CursorValue ?? _cursorValue);
        _part ??= new FileStream(Path.Combine(_folder, "part.lines"), FileMode.Create, FileAccess.ReadWrite);
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
        var path = $"{prefix}-{_files.Count}.parquet";
        await storage.UploadAsync(
            ConnectorStorage.Datasets, path, () => new FileStream(table.Paths[0], FileMode.Open, FileAccess.Read), cancellationToken);
        _files.Add(new DatasetFile(path, rows, new FileInfo(table.Paths[0]).Length));
        _written = [.. described[0].Columns.Select(column => new ResultColumn(column.Name, column.Type))];
        return rows;
    }

    public async Task<StreamReading> CompleteAsync(string? cursorBefore, CancellationToken cancellationToken)
    {
        // A table without rows is a dataset too, as long as its columns are known.
        if (_part is { Length: > 0 } || (_files.Count == 0 && _columns is not null))
        {
            await ClosePartAsync(cancellationToken);
        }

        return new StreamReading(_files, _written, _cursorValue ?? cursorBefore);
    }

    public void Dispose()
    {
        _part?.Dispose();
        WorkFolders.Remove(_folder);
    }

    private async Task ClosePartAsync(CancellationToken cancellationToken)
    {
        var lines = _part!.Name;
        await _part.DisposeAsync();
        _part = null;
        var target = Path.Combine(_folder, "part.parquet");
        var converted = await engine.ConvertAsync(ownerId, [lines], FileTable.Lines, _columns, target, cancellationToken);
        var path = string.Create(CultureInfo.InvariantCulture, $"{prefix}-{_files.Count}.parquet");
        await storage.UploadAsync(
            ConnectorStorage.Datasets, path, () => new FileStream(target, FileMode.Open, FileAccess.Read), cancellationToken);
        _files.Add(new DatasetFile(path, converted.RowCount, new FileInfo(target).Length));
        _written = converted.Columns;
        File.Delete(target);
        File.Delete(lines);
    }
}
