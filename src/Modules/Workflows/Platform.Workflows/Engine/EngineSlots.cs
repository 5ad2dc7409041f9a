using System.Threading.Channels;
using Microsoft.Extensions.Options;
using Platform.Workflows.Engine.Store;

namespace Platform.Workflows.Engine;

/// <summary>
/// How many executions this node works, and whose. Who accepts an execution can have it begun here at once while nobody stands in line for
/// longer; its row is then inserted as claimed.
/// </summary>
internal sealed class EngineSlots(IOptions<EngineOptions> options)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<Guid, int> _ofOwner = [];
    private readonly Channel<bool> _given = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private Func<ClaimedExecution, Task>? _start;
    private int _taken;

    /// <summary>Whether executions stand in line that this node could not take.</summary>
    public bool HasBacklog { get; set; } = true;

    public int Free
    {
        get
        {
            lock (_gate)
            {
                return options.Value.Concurrency - _taken;
            }
        }
    }

    /// <summary>Owners who have their share of this node.</summary>
    public Guid[] FullOwners
    {
        get
        {
            lock (_gate)
            {
                return [.. _ofOwner.Where(owner => owner.Value >= options.Value.PerOwner).Select(owner => owner.Key)];
            }
        }
    }

    public void Open(Func<ClaimedExecution, Task> start) => _start = start;

    public void Close()
    {
        _start = null;
        HasBacklog = true;
    }

    public void Take(Guid owner)
    {
        lock (_gate)
        {
            _taken++;
            _ofOwner[owner] = _ofOwner.GetValueOrDefault(owner) + 1;
        }
    }

    public void Give(Guid owner)
    {
        lock (_gate)
        {
            _taken--;
            if (--_ofOwner[owner] == 0)
            {
                _ofOwner.Remove(owner);
            }
        }

        _given.Writer.TryWrite(true);
    }

    /// <summary>Takes a slot for an execution that is about to be accepted.</summary>
    /// <returns>Whether it may be inserted as claimed. Then <see cref="Begin"/> or <see cref="Give"/> follows.</returns>
    public bool TryReserve(Guid owner)
    {
        lock (_gate)
        {
            if (_start is null || HasBacklog || _taken >= options.Value.Concurrency || _ofOwner.GetValueOrDefault(owner) >= options.Value.PerOwner)
            {
                return false;
            }

            _taken++;
            _ofOwner[owner] = _ofOwner.GetValueOrDefault(owner) + 1;
            return true;
        }
    }

    /// <summary>Begins an execution whose slot was reserved and whose row is committed. On a node that drains it waits for its lease to run out.</summary>
    public void Begin(ClaimedExecution claim)
    {
        if (_start is { } start)
        {
            _ = start(claim);
        }
        else
        {
            Give(claim.UserId);
        }
    }

    /// <summary>Waits until a slot was given back since the last wait.</summary>
    public Task WaitForGivenAsync(CancellationToken cancellationToken) => _given.Reader.ReadAsync(cancellationToken).AsTask();
}
