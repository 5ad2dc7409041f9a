using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Microsoft.Extensions.Logging;

namespace Platform.Connectors.DuckDb;

/// <summary>A worker as its parent sees it.</summary>
internal sealed class WorkerProcess : IDisposable
{
    private const long MaxMappedBytes = 256L * 1024 * 1024;

    private readonly Process _process;
    private readonly Stream _input;
    private readonly Stream _output;
    private readonly Task _ready;

    private WorkerProcess(Process process, string folder)
    {
        (_process, Folder) = (process, folder);
        _input = process.StandardInput.BaseStream;
        _output = process.StandardOutput.BaseStream;
        _ready = ReadHelloAsync();
    }

    /// <summary>Whose data it has seen: it works for nobody else. Null for a fresh one.</summary>
    public Guid? OwnerId { get; set; }

    /// <summary>Its own folder, whose files its open database can read.</summary>
    public string Folder { get; }

    /// <summary>When it became idle, as a timestamp of the pool's clock.</summary>
    public long IdleSince { get; set; }

    public bool HasExited => _process.HasExited;

    /// <summary>
    /// Whether so much memory is mapped that the next query would have less than its share; the engine gives little back.
    /// </summary>
    public bool IsWorn => HasExited || MappedBytes() > MaxMappedBytes;

    public int Id => _process.Id;

    public static WorkerProcess Start(ProcessStartInfo start, string folder, ILogger logger)
    {
        var process = Process.Start(start) ?? throw new InvalidOperationException("The worker did not start.");
        // Asked for once: what it says last may be read when the object is disposed and has no id any more.
        var id = process.Id;
        process.ErrorDataReceived += (_, line) =>
        {
            if (line.Data is { Length: > 0 } text)
            {
                logger.WorkerSaid(id, text);
            }
        };
        process.BeginErrorReadLine();
        return new WorkerProcess(process, folder);
    }

    /// <summary>Whether it has come up within the time.</summary>
    public async Task<bool> IsReadyAsync(TimeSpan limit, CancellationToken cancellationToken)
    {
        try
        {
            await _ready.WaitAsync(limit, cancellationToken);
            return true;
        }
        catch (Exception exception) when (exception is TimeoutException or IOException or InvalidDataException)
        {
            return false;
        }
    }

    /// <summary>Does one request of a worker that is ready. Throws <see cref="IOException"/> if it ends before it has answered.</summary>
    public async Task<(WorkerReply Reply, byte[] Rows)> AskAsync(WorkerRequest request, CancellationToken cancellationToken)
    {
        await WorkerFrame.WriteAsync(
            _input, JsonSerializer.SerializeToUtf8Bytes(request, WorkerJson.Default.WorkerRequest), default, cancellationToken);
        var (head, rows) = await WorkerFrame.ReadAsync(_output, cancellationToken) ?? throw new EndOfStreamException("The worker ended.");
        return (JsonSerializer.Deserialize(head, WorkerJson.Default.WorkerReply)!, rows);
    }

    /// <summary>Ends it at once, whatever it does, and removes its folder.</summary>
    public void Dispose()
    {
        try
        {
            _process.Kill();
        }
        catch (InvalidOperationException)
        {
            // It had ended already.
        }

        _process.Dispose();
        WorkFolders.Remove(Folder);
    }

    private long MappedBytes()
    {
        try
        {
            // The sixth number counts the pages of data, which is what the bound on memory counts.
            var pages = File.ReadAllText(string.Create(CultureInfo.InvariantCulture, $"/proc/{_process.Id}/statm")).Split(' ')[5];
            return long.Parse(pages, CultureInfo.InvariantCulture) * Environment.SystemPageSize;
        }
        catch (IOException)
        {
            return long.MaxValue;
        }
    }

    private async Task ReadHelloAsync()
    {
        if (await WorkerFrame.ReadAsync(_output, CancellationToken.None) is null)
        {
            throw new EndOfStreamException("The worker ended before it was ready.");
        }
    }
}
